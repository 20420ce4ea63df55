/** Deadlines that are fair where it was we who slept, on a clock the test holds. */
import { describe, expect, it } from "vitest";
import { awakeOf } from "../../../server/time/awake.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A deadline after `ms`, and how to see whether it rang. */
function deadline(ms: number) {
  const clock = manualClock();
  const rung = { times: 0 };
  const cancel = awakeOf(clock).after(ms, () => {
    rung.times += 1;
  });
  /** Whether it rang by now. */
  const isOver = async () => {
    await settled();
    return rung.times === 1;
  };
  return { clock, cancel, isOver };
}

describe("a deadline", () => {
  it("rings once its time is over, and leaves no timer", async () => {
    const { clock, isOver } = deadline(8_000);
    clock.advance(7_999);
    expect(await isOver()).toBe(false);
    clock.advance(1);
    expect(await isOver()).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it("a deadline can be taken back at any time, also while what waits is read", async () => {
    for (const passed of [0, 8_000]) {
      const { clock, cancel, isOver } = deadline(8_000);
      clock.advance(passed);
      cancel();
      clock.advance(HOUR);
      expect(await isOver()).toBe(false);
      expect(clock.waiting).toBe(0);
    }
  });

  it.each([2_100, 8_000, 40_000, HOUR])(
    "a deadline that is short begins again where the process stood still for %i ms",
    async (ms) => {
      const { clock, isOver } = deadline(8_000);
      clock.advance(7_000);
      clock.sleep(ms);
      clock.advance(7_999);
      expect(await isOver()).toBe(false);
      clock.advance(1);
      expect(await isOver()).toBe(true);
    },
  );

  it("a deadline begins again where the machine slept and elapsed time stood still", async () => {
    const { clock, isOver } = deadline(8_000);
    clock.advance(7_500);
    clock.setWall(clock.now() + HOUR);
    clock.advance(500);
    expect(await isOver()).toBe(false);
    clock.advance(7_999);
    expect(await isOver()).toBe(false);
    clock.advance(1);
    expect(await isOver()).toBe(true);
  });

  it("a deadline is neither longer nor shorter where the wall clock is set back", async () => {
    const { clock, isOver } = deadline(8_000);
    clock.advance(4_000);
    clock.setWall(clock.now() - HOUR);
    clock.advance(3_999);
    expect(await isOver()).toBe(false);
    clock.advance(1);
    expect(await isOver()).toBe(true);
  });

  it("a deadline that is long has left what it had before we slept", async () => {
    const { clock, isOver } = deadline(10 * MINUTE);
    clock.advance(4 * MINUTE);
    clock.sleep(HOUR);
    clock.advance(6 * MINUTE - 1_001);
    expect(await isOver()).toBe(false);
    clock.advance(1_001);
    expect(await isOver()).toBe(true);
  });

  it("a deadline that was almost over when we slept has half a minute", async () => {
    const { clock, isOver } = deadline(10 * MINUTE);
    clock.advance(10 * MINUTE - 500);
    clock.sleep(HOUR);
    clock.advance(29_999);
    expect(await isOver()).toBe(false);
    clock.advance(1);
    expect(await isOver()).toBe(true);
  });

  it("a deadline never has more than its whole time, however often we sleep", async () => {
    const { clock, isOver } = deadline(MINUTE);
    for (let night = 0; night < 5; night++) clock.sleep(HOUR);
    clock.advance(MINUTE);
    expect(await isOver()).toBe(true);
  });

  it("a deadline does not ring where we slept between its end and the look at what waits", async () => {
    const { clock, isOver } = deadline(8_000);
    clock.advance(8_000);
    // Nothing rings in between: only the look itself can tell.
    clock.setWall(clock.now() + HOUR);
    expect(await isOver()).toBe(false);
    clock.advance(8_000);
    expect(await isOver()).toBe(true);
  });
});

describe("who wants to know whether we slept", () => {
  it("a listener is told once for each sleep, before anybody is judged", async () => {
    const clock = manualClock();
    const told: string[] = [];
    const stop = awakeOf(clock).onWake(() => told.push("woken"));
    clock.advance(HOUR);
    clock.setWall(clock.now() - HOUR);
    clock.advance(HOUR);
    expect(told).toEqual([]);
    clock.sleep(40_000);
    clock.advance(5_000);
    clock.setWall(clock.now() + HOUR);
    awakeOf(clock).onceRead(() => told.push("judged"));
    await settled();
    clock.advance(5_000);
    expect(told).toEqual(["woken", "woken", "judged"]);
    stop();
    expect(clock.waiting).toBe(0);
  });
});
