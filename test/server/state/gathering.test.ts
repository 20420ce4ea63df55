/** The pause before the next write of a busy workflow: how long it is, and that nobody waits for ever. */
import { describe, expect, test } from "vitest";
import { Gathering } from "../../../server/state/gathering.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";

function paused(count: number, toldMs: number) {
  const clock = manualClock();
  const gathering = new Gathering(clock);
  const world = { clock, gathering, isOver: false };
  void gathering.pause(count, toldMs)?.then(() => {
    world.isOver = true;
  });
  return world;
}

describe("the pause of a busy workflow", () => {
  test("a pause lasts as long as the telling took", async () => {
    const world = paused(10, 3);
    world.clock.advance(2);
    await settled();
    expect(world.isOver).toBe(false);
    world.clock.advance(1);
    await settled();
    expect(world.isOver).toBe(true);
  });

  test("a pause is over once as many commands wait as are in flight", async () => {
    const world = paused(3, 5);
    world.gathering.see(2);
    await settled();
    expect(world.isOver).toBe(false);
    world.gathering.see(3);
    await settled();
    expect(world.isOver).toBe(true);
    // Its timer is gone, too.
    expect(world.clock.waiting).toBe(0);
  });

  test("no pause is made where watchers are told in no time, and none is longer than 8 ms", async () => {
    expect(new Gathering(manualClock()).pause(10, 0.1)).toBe(null);
    const long = paused(10, 500);
    long.clock.advance(8);
    await settled();
    expect(long.isOver).toBe(true);
  });
});
