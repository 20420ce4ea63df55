/** Drawing keeps a pace of its own: at most so often, at most half of the time, and never on top of itself. */
import { describe, expect, test } from "vitest";
import { createPace } from "../../../../../../client/ui/workflow/output/onPage/pace.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";

/** Each turn takes `costMs`; `times` says when they began. */
function paced(costMs: number, everyMs = 100) {
  const clock = manualClock();
  const times: number[] = [];
  const told: number[] = [];
  const pace = createPace(clock, everyMs, (tookMs) => {
    times.push(clock.elapsed());
    told.push(tookMs);
    busy(clock, costMs);
  });
  return { clock, pace, times, told };
}

/** Time passes within a turn: what is due rings only after it. */
function busy(clock: ReturnType<typeof manualClock>, ms: number): void {
  const { elapsed } = clock;
  let passed = ms;
  clock.elapsed = () => elapsed() + passed;
  const after = clock.after;
  clock.after = (wait, run) => {
    return after(wait + passed, () => {
      passed = 0;
      clock.elapsed = elapsed;
      clock.after = after;
      run();
    });
  };
}

describe("the pace of drawing", () => {
  test("a drawing is at once after a rest, and then only so often", () => {
    const { clock, pace, times } = paced(0);
    pace.soon();
    expect(times).toEqual([0]);
    for (let piece = 0; piece < 50; piece++) {
      pace.soon();
      clock.advance(7);
    }
    expect(times).toEqual([0, 100, 200, 300]);
  });

  test("a drawing waits at least as long as the turn before took, so that half of the time is left for everything else", () => {
    const { clock, pace, times, told } = paced(400);
    pace.soon();
    pace.soon();
    clock.advance(799);
    expect(times).toEqual([0]);
    clock.advance(1);
    expect(times).toEqual([0, 800]);
    expect(told).toEqual([0, 400]);
  });

  test("the pace is not stopped for long by a machine that slept within a turn", () => {
    const { clock, pace, times } = paced(60_000);
    pace.soon();
    pace.soon();
    clock.advance(61_000);
    expect(times).toEqual([0, 61_000]);
  });

  test("a drawing that is due again within a turn is the next turn, never at once", () => {
    const clock = manualClock();
    let turns = 0;
    const pace = createPace(clock, 100, () => {
      turns += 1;
      pace.soon();
    });
    pace.soon();
    expect(turns).toBe(1);
    clock.advance(350);
    expect(turns).toBe(4);
    pace.stop();
    clock.advance(1_000);
    expect([turns, clock.waiting]).toEqual([4, 0]);
  });
});
