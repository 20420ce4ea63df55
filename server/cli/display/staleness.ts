/** Says as of when it is what a command shows, where the server, one of a cluster, cannot follow its store. */
import type { ConnectionPhase, InstepClient, View } from "../../../client/index.js";
import type { CliContext } from "../process/context.js";
import { clockTime } from "../text/clockTime.js";
import type { Display } from "./display.js";

type Clock = CliContext["clock"];

/** `stale_since` is for programs. */
export interface StaleNote {
  readonly message: string;
  readonly stale_since: string;
}

/** Null where the server follows, or shares its store with nobody. */
export function staleNote(staleSince: number | null, clock: Clock): StaleNote | null {
  if (staleSince === null) return null;
  const message = `As of ${clockTime(staleSince, clock.now())}: the server cannot follow its store.`;
  return { message, stale_since: new Date(staleSince).toISOString() };
}

/** Tells it beside a workflow that is followed, once each time it begins and once when it is over. Called with every view, before that is shown. */
export function staleTeller(display: Display, clock: Clock) {
  let told: number | null = null;
  return ({ phase, staleSince }: Pick<View, "phase" | "staleSince">): void => {
    const note = staleNote(staleSince, clock);
    if (note && staleSince !== told) {
      const { message, stale_since } = note;
      display.note(`${message} What is new comes once it can.`, { stale_since });
      told = staleSince;
    } else if (told !== null && phase === "live") {
      display.note("The server follows its store again.", { stale_since: null });
      told = null;
    }
  };
}

const LINKED: readonly ConnectionPhase[] = ["live", "polling"];

/** For a command that reports to that server: it takes nothing meanwhile. Returns what stops it. */
export function noteClosedStore(client: InstepClient, display: Display, meanwhile: string) {
  let isClosed = false;
  return client.onConnection(({ phase, staleSince }) => {
    if (!LINKED.includes(phase) || isClosed === (staleSince !== null)) return;
    isClosed = staleSince !== null;
    const stale_since = staleSince === null ? null : new Date(staleSince).toISOString();
    const message = isClosed
      ? `The server cannot follow its store. ${meanwhile}`
      : "The server follows its store again.";
    display.note(message, { stale_since });
  });
}
