/** How long the end of a command is held back, as it may be the first sign of the server's own. */
import { describe, expect, it } from "vitest";
import { untilEndIsKnown } from "../../../../server/runner/process/heldEnd.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function held(end: { exitCode: number | null; endedBy: string | null }) {
  const clock = manualClock();
  const stop = new AbortController();
  let isKnown = false;
  void untilEndIsKnown(end, { clock, signal: stop.signal }).then(() => {
    isKnown = true;
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await turn();
    return isKnown;
  };
  return { pass, stop, clock };
}

describe("the end of a command", () => {
  it("a success is known at once, a failure after 0.3 s, and an end by a signal after a second", async () => {
    expect(await held({ exitCode: 0, endedBy: null }).pass(0)).toBe(true);
    const failed = held({ exitCode: 1, endedBy: null });
    expect([await failed.pass(200), await failed.pass(99), await failed.pass(1)]).toEqual([
      ...[false, false, true],
    ]);
    const ended = held({ exitCode: null, endedBy: "SIGTERM" });
    expect([await ended.pass(900), await ended.pass(99), await ended.pass(1)]).toEqual([
      ...[false, false, true],
    ]);
  });

  it("a process that was held up itself hears first what came meanwhile", async () => {
    const { pass, stop, clock } = held({ exitCode: 143, endedBy: null });
    expect(await pass(5_000)).toBe(false);
    stop.abort();
    expect([await pass(0), clock.waiting]).toEqual([true, 0]);
  });
});
