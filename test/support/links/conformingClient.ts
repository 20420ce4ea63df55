/** Our client in TypeScript as the conformance suite asks for it, with sockets that are the transcript's. */
import type { Line, Transcript } from "../../../conformance/run.mjs";
import type { SyncError } from "../../../shared/errors.js";
import type { Command } from "../../../shared/schema/command.js";
import { settled } from "../clocks/settled.js";
import { fakeClient } from "./fakeClient.js";

/** Longer than a client waits before it tries a refused command again, and shorter than it takes a silent link for lost. */
const LONGEST_RETRY_MS = 15_000;

/** One client for one transcript; `close` ends it. */
export function conformingClient({ part = "state", subject = "*", step, from }: Transcript) {
  const { client, sockets, clock } = fakeClient();
  const output = followed();
  const outcomes = new Map<string, object>();
  if (part === "output") client.followLog(subject, step ?? 0, { from }, output);
  else client.watch(subject, () => {});
  sockets.newest.hello();
  let isCut = false;

  function cut() {
    sockets.newest.breaks();
    isCut = true;
  }
  /** The link comes back at the latest when something is told or asked. */
  async function connected() {
    if (!isCut) return;
    isCut = false;
    const before = sockets.newest;
    for (let tries = 0; sockets.newest === before && tries < 100; tries += 1)
      await clock.advance(1_000);
    sockets.newest.hello();
  }
  const mirror = () => {
    const { phase, position, state, workflow_id, closed } = client.view(subject);
    return { live: phase === "live", workflow_id, ...position, state, closed };
  };
  /** On its next link it asks from where it would go on now. */
  async function last() {
    if (part === "output" && !isCut) cut();
    await connected();
    if (part !== "output") return sockets.newest.sentOf("subscribe").at(-1)?.last ?? null;
    const asked = sockets.newest.sentOf("follow_log").at(-1);
    return { attempt: asked?.attempt ?? null, from: asked?.from ?? null };
  }
  async function sent() {
    await connected();
    await clock.advance(LONGEST_RETRY_MS);
    sockets.newest.says({ type: "heartbeat" });
    return sockets.newest
      .sentOf("propose")
      .map(({ request_id, command }) => ({ request_id, command }));
  }
  function propose(requestId: string, command: Command) {
    const options = { requestId, deadlineMs: Number.POSITIVE_INFINITY };
    client.propose(command, options).then(
      (accepted) => outcomes.set(requestId, { accepted }),
      ({ code, errors }: SyncError) => outcomes.set(requestId, { refused: { code, errors } }),
    );
  }
  return {
    close: () => client.close(),
    tell: async (line: Line) => {
      if (line.do === "cut") cut();
      if (line.do === "propose") propose(line.request_id ?? "", line.command as Command);
      if (line.do !== "frame") return;
      await connected();
      sockets.newest.says(line.frame ?? {});
    },
    ask: async ({ what, request_id }: Line) => {
      await settled();
      if (what === "mirror") return mirror();
      if (what === "output") return output.shown;
      if (what === "outcome") return outcomes.get(request_id ?? "") ?? null;
      return what === "sent" ? sent() : last();
    },
  };
}

/** A listener of output, and all that it shows. */
function followed() {
  const shown = {
    attempt: null as number | null,
    text: "",
    skipped: 0,
    end: null as string | null,
  };
  return {
    shown,
    piece({ attempt, text, skipped }: { attempt: number; text: string; skipped: number }) {
      if (attempt !== shown.attempt) Object.assign(shown, { attempt, text: "", skipped: 0 });
      shown.text += text;
      shown.skipped += skipped;
      shown.end = null;
    },
    end({ reason }: { reason: string }) {
      shown.end = reason;
    },
  };
}
