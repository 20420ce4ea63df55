/** How long a command's pipes are read after its end, on a clock the test holds. */
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { readOutput } from "../../../../server/runner/process/pipes.js";
import { createRedaction } from "../../../../server/runner/secrets/redaction.js";
import { manualClock } from "../../../support/clocks/manualClock.js";

it.for([
  ["back", -3_600_000],
  ["on", 3_600_000],
] as const)(
  "pipes that somebody else holds are closed in time, also where the clock is set %s meanwhile",
  async ([, by]) => {
    const clock = manualClock();
    const pipes = [new PassThrough(), new PassThrough()];
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let heard = () => {};
    const hearing = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const listener = {
      onText: () => {},
      onOutput: () => {
        heard();
        return held;
      },
    };
    const reading = readOutput(pipes, listener, createRedaction([]));
    reading.within(1_000, clock);
    clock.advance(400);
    clock.setWall(clock.now() + by);
    // While nobody takes what came, no time is counted.
    pipes[0]!.write("x");
    await hearing;
    clock.advance(60_000);
    letGo();
    await held;
    await Promise.resolve();
    clock.advance(599);
    expect(pipes[0]!.destroyed).toBe(false);
    clock.advance(1);
    await reading.closed;
  },
);
