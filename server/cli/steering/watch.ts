/** `instep watch`: follows one workflow live until it ends, and ends like it. */
import type { InstepClient, View, WorkflowState } from "../../../client/index.js";
import { CURRENT } from "../../../shared/names.js";
import { nodeOf } from "../../../shared/state/node.js";
import { isEnded, type WorkflowStatus } from "../../../shared/statuses.js";
import { connect, type ServerFlags } from "../connecting/connect.js";
import { connectLive } from "../connecting/connectLive.js";
import { targetOf } from "../connecting/target.js";
import { createDisplay, type Display } from "../display/display.js";
import { noteLostLinks } from "../display/lostLink.js";
import { staleTeller } from "../display/staleness.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { asking } from "../refusals/asking.js";
import { noSuchWorkflow } from "../refusals/askingOf.js";

export interface WatchFlags extends ServerFlags {
  readonly json?: boolean;
}

const DEADLINE_MS = 5_000;

export async function watch(
  given: string,
  flags: WatchFlags,
  context: CliContext,
): Promise<number> {
  const { url, subject } = targetOf(given, flags, context);
  const client = connect(url, flags, context);
  try {
    // Asked once over HTTP: a watch by itself would go on looking for a server that is not there.
    await asking(url, () => client.rest.list({ limit: 1, deadlineMs: DEADLINE_MS }));
  } finally {
    client.close();
  }
  return follow(subject, flags, url, context);
}

/** Said before anything is shown; the facts are for programs. */
export interface FirstWords {
  readonly message: string;
  readonly facts: object;
}

/** Shows a workflow until it ends; resolves with the exit code that makes. */
export async function follow(
  subject: string,
  flags: WatchFlags,
  url: string,
  context: CliContext,
  first?: FirstWords,
): Promise<number> {
  const display = await createDisplay({ json: flags.json, server: url }, context);
  const client = connectLive(url, flags, context);
  try {
    if (first) display.note(first.message, first.facts);
    return await untilEnd(subject, { url, client, display }, context);
  } finally {
    display.close();
    client.close();
  }
}

interface Parts {
  readonly url: string;
  readonly client: InstepClient;
  readonly display: Display;
}

function untilEnd(
  subject: string,
  { url, client, display }: Parts,
  context: CliContext,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const settle = (end: () => void) => {
      for (const stop of stops.splice(0)) stop();
      end();
    };
    let toldNothing = false;
    const tellStale = staleTeller(display, context.clock);

    const look = (view: View) => {
      tellStale(view);
      if (view.state) display.show(view.state, nodeIn(view.state, client));
      if (view.state && isEnded(view.state.status)) {
        const code = exitCodeOf(view.state.status);
        return settle(() => resolve(code));
      }
      if (subject === CURRENT) {
        if (view.phase !== "live" || view.workflow_id !== null || toldNothing) return;
        toldNothing = true;
        return display.note("Nothing is running. Waiting for a workflow...");
      }
      if (view.phase !== "closed") return;
      if (view.closed === "unknown") {
        return settle(() => noSuchWorkflow({ subject, client }).then(reject, reject));
      }
      if (view.closed === "cleared") {
        display.note("The workflow was cleared.");
        return settle(() => resolve(ExitCode.cancelled));
      }
      // It ended while we were away: the history knows how.
      settle(() => resolve(asking(url, () => fromHistory(subject, client, display))));
    };

    stops.push(
      noteLostLinks(client, display, "Trying again..."),
      context.onSignal(() => {
        context.stderr.write("Stopped watching; the workflow goes on.\n");
        settle(() => resolve(ExitCode.interrupted));
      }),
      client.watch(subject, look),
    );
  });
}

async function fromHistory(subject: string, client: InstepClient, display: Display) {
  const found = await client.rest.load(subject, { deadlineMs: DEADLINE_MS });
  if (!found) {
    display.note("The workflow has ended, and is no longer in the history.");
    return ExitCode.cancelled;
  }
  display.show(found.state, nodeIn(found.state, client));
  return exitCodeOf(found.state.status);
}

/** A server alone sets none: what its states have under that word came from a driver. */
const nodeIn = (state: WorkflowState, { connection }: InstepClient): string | null =>
  connection.node === null ? null : nodeOf(state);

export function exitCodeOf(status: WorkflowStatus): number {
  if (status === "completed") return ExitCode.ok;
  return status === "cancelled" ? ExitCode.cancelled : ExitCode.failed;
}
