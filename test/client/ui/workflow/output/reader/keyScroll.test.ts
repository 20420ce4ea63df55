// @vitest-environment happy-dom
/** A key moves a log as far as it means, whatever comes and goes above and below the lines meanwhile. */
import { describe, expect, test } from "vitest";
import {
  KeyScroll,
  keyDistance,
} from "../../../../../../client/ui/workflow/output/reader/keyScroll.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";

/** A log of so many pixels, in a window of 400, and a page that is painted when the test says so. */
function world(options: { top?: number; height?: number; isStill?: boolean } = {}) {
  const clock = manualClock();
  const waiting = new Set<() => void>();
  const more = { above: false, below: false };
  let { top = 5_000, height = 10_000 } = options;
  const log = {
    clientHeight: 400,
    get scrollHeight() {
      return height;
    },
    get scrollTop() {
      return top;
    },
    // As browsers do: within what is there, in whole pixels.
    set scrollTop(wanted) {
      top = Math.round(Math.min(Math.max(0, wanted), height - 400));
    },
  };
  const scroll = new KeyScroll(log, {
    clock,
    isMore: (isUp) => (isUp ? more.above : more.below),
    isStill: () => options.isStill === true,
    frame(run) {
      waiting.add(run);
      return () => waiting.delete(run);
    },
  });
  return {
    clock,
    log,
    more,
    scroll,
    get waiting() {
      return waiting.size;
    },
    paint(afterMs = 16) {
      clock.advance(afterMs);
      const due = [...waiting];
      waiting.clear();
      for (const run of due) run();
    },
    /** Drawn above, with what the reader sees put back where it was. */
    drawAbove(pixels: number) {
      height += pixels;
      top += pixels;
    },
  };
}

describe("a scroll by a key", () => {
  test("glides to its end, in as many pictures as there are in its time", () => {
    const it = world();
    expect(it.scroll.push(-350)).toBe(true);
    const seen = [];
    while (it.waiting > 0) {
      it.paint();
      seen.push(it.log.scrollTop);
    }
    expect(seen.length).toBe(10);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(seen.at(-1)).toBe(4_650);
  });

  test("arrives with the next picture where few are painted, or nothing is to be seen moving", () => {
    const slow = world();
    slow.scroll.push(350);
    slow.paint(900);
    expect([slow.log.scrollTop, slow.waiting]).toEqual([5_350, 0]);
    const still = world({ isStill: true });
    still.scroll.push(350);
    still.paint(1);
    expect([still.log.scrollTop, still.waiting]).toEqual([5_350, 0]);
  });

  test("what is drawn above in any of its pictures takes nothing of it", () => {
    const it = world();
    it.drawAbove(2_000);
    it.scroll.push(-350);
    for (let picture = 0; it.waiting > 0; picture++) {
      if (picture % 3 === 0) it.drawAbove(1_000);
      it.paint();
    }
    expect(it.log.scrollTop).toBe(5_000 + 2_000 + 4 * 1_000 - 350);
  });

  test("keys in the same direction add up, one in the other takes the rest of them back", () => {
    const it = world();
    it.scroll.push(-350);
    it.paint(75);
    it.scroll.push(-350);
    while (it.waiting > 0) it.paint();
    expect(it.log.scrollTop).toBe(4_300);
    it.scroll.push(-350);
    it.paint(75);
    it.scroll.push(350);
    while (it.waiting > 0) it.paint();
    expect(it.log.scrollTop).toBe(4_300 - 175 + 350);
  });

  test("at the edge of what is drawn it waits for the lines beyond, and goes on", () => {
    const it = world({ top: 100 });
    it.more.above = true;
    it.scroll.push(-350);
    for (let picture = 0; picture < 60; picture++) it.paint();
    expect([it.log.scrollTop, it.waiting]).toEqual([0, 1]);
    it.more.above = false;
    it.drawAbove(1_000);
    it.paint();
    expect([it.log.scrollTop, it.waiting]).toEqual([750, 0]);
  });

  test("it does not wait for lines that do not come, nor for those that are not there", () => {
    const it = world({ top: 100 });
    it.more.above = true;
    it.scroll.push(-350);
    it.paint(200);
    it.paint(4_999);
    expect(it.waiting).toBe(1);
    it.paint(1);
    expect(it.waiting).toBe(0);
    it.drawAbove(1_000);
    it.paint();
    expect(it.log.scrollTop).toBe(1_000);
    const last = world({ top: 100 });
    last.scroll.push(-350);
    last.paint(200);
    expect([last.log.scrollTop, last.waiting]).toEqual([0, 0]);
    expect(last.scroll.push(-350)).toBe(false);
  });

  test("nothing of it is left once something else moves the log", () => {
    const it = world();
    it.scroll.push(-350);
    it.paint(75);
    it.scroll.stop();
    expect(it.waiting).toBe(0);
    it.paint();
    expect(it.log.scrollTop).toBe(4_825);
  });
});

describe("the keys of a log", () => {
  const distance = (key: string, more: KeyboardEventInit = {}) =>
    keyDistance(new KeyboardEvent("keydown", { key, ...more }), 400);

  test("a page is most of a window, an arrow is two lines", () => {
    expect(["PageUp", "PageDown", " ", "ArrowUp", "ArrowDown"].map((key) => distance(key))).toEqual(
      [-350, 350, 350, -40, 40],
    );
    expect(distance(" ", { shiftKey: true })).toBe(-350);
  });

  test("a key that means something else is left to the browser", () => {
    expect(["Home", "End", "a", "ArrowLeft"].map((key) => distance(key))).toEqual([0, 0, 0, 0]);
    expect(distance("ArrowUp", { shiftKey: true })).toBe(0);
    for (const held of ["ctrlKey", "altKey", "metaKey"])
      expect(distance("PageUp", { [held]: true })).toBe(0);
  });
});
