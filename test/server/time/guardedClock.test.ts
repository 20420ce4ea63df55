/** Timers that throw. */
import { expect, it } from "vitest";
import { guardedClock } from "../../../server/time/guardedClock.js";
import { manualClock } from "../../support/clocks/manualClock.js";

it("a timer that throws is told of, and the timers after it ring", () => {
  const clock = manualClock();
  const failures: unknown[] = [];
  const guarded = guardedClock(clock, (error) => failures.push(error));
  const mistake = new Error("a mistake");
  const rung: number[] = [];
  guarded.after(1, () => {
    throw mistake;
  });
  guarded.after(2, () => rung.push(guarded.elapsed()));
  guarded.after(3, () => rung.push(3))();
  clock.advance(10);
  expect(failures).toEqual([mistake]);
  expect(rung).toEqual([2]);
});
