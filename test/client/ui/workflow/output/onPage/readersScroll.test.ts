/** A reader's own scroll is known to be in motion until it rests, and never for ever. */
import { describe, expect, test } from "vitest";
import { ReadersScroll } from "../../../../../../client/ui/workflow/output/onPage/readersScroll.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";

function world() {
  const clock = manualClock();
  let rests = 0;
  const scroll = new ReadersScroll(clock, () => (rests += 1));
  return {
    clock,
    scroll,
    get rests() {
      return rests;
    },
    /** A motion of so many frames. */
    glide(frames: number, everyMs = 16) {
      for (let frame = 0; frame < frames; frame++) {
        clock.advance(everyMs);
        scroll.moved();
      }
    },
  };
}

/** A page that is painted when the test says so. */
function paints(scroll: ReadersScroll) {
  const waiting = new Set<() => void>();
  scroll.frame = (run) => {
    waiting.add(run);
    return () => waiting.delete(run);
  };
  return {
    paint() {
      const due = [...waiting];
      waiting.clear();
      for (const run of due) run();
    },
    get waiting() {
      return waiting.size;
    },
  };
}

describe("the reader's own scroll", () => {
  test("a scroll is in motion from the key on until nothing moved for a while", () => {
    const it = world();
    expect(it.scroll.isMoving).toBe(false);
    it.scroll.pushed();
    it.clock.advance(150);
    it.glide(20, 100);
    it.clock.advance(299);
    expect([it.scroll.isMoving, it.rests]).toEqual([true, 0]);
    it.clock.advance(1);
    expect([it.scroll.isMoving, it.rests, it.clock.waiting]).toEqual([false, 1, 0]);
  });

  test("a key that scrolls nothing is a rest soon", () => {
    const it = world();
    it.scroll.pushed();
    it.clock.advance(300);
    expect([it.scroll.isMoving, it.rests]).toEqual([false, 1]);
  });

  test("a scroll rests sooner where the engine says that it ended, unless another goes on from there", () => {
    const it = world();
    it.scroll.pushed();
    it.glide(5);
    it.scroll.ended();
    it.clock.advance(59);
    it.scroll.moved();
    it.clock.advance(299);
    expect([it.scroll.isMoving, it.rests]).toEqual([true, 0]);
    it.scroll.ended();
    it.clock.advance(60);
    expect([it.scroll.isMoving, it.rests, it.clock.waiting]).toEqual([false, 1, 0]);
  });

  test("the end of a scroll before the key is not the end of the one that the key begins", () => {
    const it = world();
    it.scroll.pushed();
    it.scroll.ended();
    it.clock.advance(200);
    expect(it.scroll.isMoving).toBe(true);
  });

  test("a finger that rests holds on to the scroll, until it is lifted", () => {
    const it = world();
    it.scroll.isHeld = true;
    it.scroll.pushed();
    it.glide(3);
    it.clock.advance(2_000);
    expect(it.scroll.isMoving).toBe(true);
    it.scroll.isHeld = false;
    it.scroll.pushed();
    it.clock.advance(300);
    expect([it.scroll.isMoving, it.rests]).toEqual([false, 1]);
  });

  test("a page that paints seldom is waited for: a glide that was not painted is not over", () => {
    const it = world();
    const frames = paints(it.scroll);
    it.scroll.pushed();
    it.clock.advance(1_000);
    expect([it.scroll.isMoving, frames.waiting]).toEqual([true, 1]);
    it.scroll.moved();
    frames.paint();
    expect(frames.waiting).toBe(0);
    it.clock.advance(1_000);
    frames.paint();
    expect([it.scroll.isMoving, it.rests]).toEqual([true, 0]);
    frames.paint();
    expect([it.scroll.isMoving, it.rests, it.clock.waiting]).toEqual([false, 1, 0]);
  });

  test("a scroll that never ends, a lost release and a page that is not painted make nothing wait for ever", () => {
    const it = world();
    it.scroll.pushed();
    it.glide(2_500);
    expect(it.rests).toBe(4);
    it.clock.advance(1_000);
    const lost = world();
    lost.scroll.isHeld = true;
    lost.scroll.pushed();
    lost.clock.advance(10_000);
    expect([lost.scroll.isMoving, lost.rests, lost.clock.waiting]).toEqual([false, 1, 0]);
    const hidden = world();
    const frames = paints(hidden.scroll);
    hidden.scroll.pushed();
    hidden.clock.advance(10_000);
    expect([hidden.scroll.isMoving, hidden.rests, hidden.clock.waiting]).toEqual([false, 1, 0]);
    expect(frames.waiting).toBe(0);
  });

  test("each key has its own time, where the glide of the one before is slow", () => {
    const it = world();
    for (let key = 0; key < 5; key++) {
      it.scroll.pushed();
      it.glide(30, 200);
    }
    expect(it.rests).toBe(0);
    it.glide(30, 200);
    expect(it.rests).toBe(1);
  });

  test("a scroll bar that was let go is known by the end of its scroll", () => {
    const it = world();
    it.scroll.isHeld = true;
    it.scroll.pushed();
    it.glide(5);
    it.scroll.ended();
    it.clock.advance(60);
    expect([it.scroll.isMoving, it.scroll.isHeld, it.rests]).toEqual([false, false, 1]);
  });

  test("a motion that is about to run out of what is above it holds nothing back", () => {
    const it = world();
    it.scroll.pushed();
    expect(it.scroll.holds).toBe(true);
    it.scroll.isShort = true;
    expect([it.scroll.holds, it.scroll.isMoving]).toEqual([false, true]);
  });

  test("a log that is left hears of no rest", () => {
    const it = world();
    it.scroll.pushed();
    it.scroll.stop();
    it.clock.advance(5_000);
    expect([it.rests, it.clock.waiting]).toEqual([0, 0]);
  });
});
