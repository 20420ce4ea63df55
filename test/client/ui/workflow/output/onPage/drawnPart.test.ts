/** Which lines of a log are drawn: those in view first, no more than there is time for, and in the end all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutputLine } from "../../../../../../client/ui/workflow/output/lines/outputLines.js";
import {
  DrawnPart,
  type DrawnRange,
} from "../../../../../../client/ui/workflow/output/onPage/drawnPart.js";
import type { OutputBlock } from "../../../../../../client/ui/workflow/output/onPage/logWindow.js";

const FOLLOWING = { isFollowing: true, hasTime: false, focus: null };
const QUIET = { isFollowing: true, hasTime: true, focus: null };

const line = { kind: "text", text: "x" } as OutputLine;

/** Blocks of fifty lines, by their ids. */
const blocks = (from: number, to: number, lines = 50): OutputBlock[] =>
  Array.from({ length: to - from }, (_, index) => ({
    id: from + index,
    lines: Array.from({ length: lines }, () => line),
  }));

const size = ({ from, to }: DrawnRange): number => to - from;

describe("what is drawn of a log", () => {
  test("the newest lines alone are drawn while they come faster than they could be read", () => {
    const part = new DrawnPart();
    let all = blocks(0, 10);
    part.next(all, FOLLOWING);
    for (let turn = 1; turn < 6; turn++) {
      part.took(10);
      all = blocks(turn * 10, turn * 10 + 100);
      const range = part.next(all, FOLLOWING);
      expect(range.to).toBe(100);
      expect(size(range) * 50).toBeLessThan(300);
    }
  });

  test("grows by what comes slowly, and all of it is drawn once nothing comes any more", () => {
    const part = new DrawnPart();
    const all = blocks(0, 100);
    let range = part.next(all, FOLLOWING);
    const before = size(range);
    range = part.next([...all, ...blocks(100, 101, 20)], FOLLOWING);
    expect(size(range)).toBe(before + 1);
    let turns = 0;
    for (; range.from > 0 && turns < 50; turns++) {
      part.took(10);
      range = part.next(all, QUIET);
      expect(range.to).toBe(100);
    }
    expect(range).toEqual({ from: 0, to: 100 });
    expect(turns).toBeGreaterThan(1);
  });

  test("less is drawn in a turn where the turns before were slow", () => {
    const fresh = (msALine: number) => {
      const part = new DrawnPart();
      const all = blocks(0, 100);
      let range = part.next(all, QUIET);
      let before = 0;
      for (let turn = 0; turn < 3; turn++) {
        before = size(range);
        part.took(Math.max(1, (size(range) - (turn === 0 ? 0 : before)) * 50 * msALine));
        range = part.next(all, QUIET);
      }
      return size(range);
    };
    expect(fresh(0.02)).toBeGreaterThan(2 * fresh(0.6));
  });

  test("the drawn part is cut to the newest where a few new lines take long because of all that is drawn", () => {
    const part = new DrawnPart();
    const all = blocks(0, 100);
    let range = part.next(all, QUIET);
    while (range.from > 0) range = part.next(all, QUIET);
    part.next([...all, ...blocks(100, 101, 3)], FOLLOWING);
    part.took(375);
    range = part.next([...all, ...blocks(100, 101, 6)], FOLLOWING);
    expect(size(range)).toBeLessThan(10);
  });

  test("the drawn part stays where the reader is, whatever comes behind", () => {
    const part = new DrawnPart();
    const at = { isFollowing: false, hasTime: true, focus: 50 };
    const first = part.next(blocks(0, 100), FOLLOWING);
    expect(first.from).toBeGreaterThan(50);
    let range = part.next(blocks(0, 100), at);
    expect(range.from).toBeLessThanOrEqual(47);
    expect(range.to).toBeGreaterThan(52);
    for (let turn = 0; turn < 40; turn++) {
      part.took(10);
      const next = part.next(blocks(0, 101 + turn), at);
      expect(next.from).toBeLessThanOrEqual(range.from);
      expect(next.to).toBeGreaterThanOrEqual(range.to);
      range = next;
    }
    expect(range).toEqual({ from: 0, to: 140 });
  });

  test("nothing is drawn above a reader who scrolls, but what comes below, and the rest once he rests", () => {
    const part = new DrawnPart();
    const first = part.next(blocks(0, 100), FOLLOWING);
    const at = { isFollowing: false, hasTime: true, focus: first.from };
    let range = first;
    for (let turn = 1; turn < 10; turn++) {
      part.took(10);
      range = part.next(blocks(0, 100 + turn), { ...at, isHeld: true });
      expect(range).toEqual({ from: first.from, to: 100 + turn });
    }
    part.took(10);
    expect(part.next(blocks(0, 110), at).from).toBeLessThan(first.from);
  });

  test("a jump is drawn with what stands above it, also while the reader scrolls", () => {
    const part = new DrawnPart();
    part.next(blocks(0, 100), FOLLOWING);
    const jump = { isFollowing: false, hasTime: true, focus: 20, isHeld: true };
    const range = part.next(blocks(0, 100), jump);
    expect(range.from).toBeLessThan(20);
    expect(range.to).toBeGreaterThan(21);
  });

  test("more is drawn where folded groups leave the window half empty", () => {
    const part = new DrawnPart();
    const all = blocks(0, 100);
    let range = part.next(all, FOLLOWING);
    const before = size(range);
    part.looksLike(1);
    range = part.next(all, FOLLOWING);
    expect(size(range)).toBeGreaterThanOrEqual(2 * before);
  });

  test("the drawn part is a stretch without a hole, and never nothing, whatever happens", () => {
    const step = fc.record({
      come: fc.integer({ min: 0, max: 30 }),
      go: fc.integer({ min: 0, max: 30 }),
      isFollowing: fc.boolean(),
      hasTime: fc.boolean(),
      focus: fc.option(fc.integer({ min: -5, max: 200 })),
      tookMs: fc.integer({ min: 0, max: 2_000 }),
      screens: fc.double({ min: 0, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const part = new DrawnPart();
        let [from, to] = [0, 3];
        for (const one of steps) {
          to += one.come;
          from = Math.min(to - 1, from + one.go);
          const all = blocks(from, to);
          part.took(one.tookMs);
          part.looksLike(one.screens);
          const range = part.next(all, one);
          expect(range.from).toBeGreaterThanOrEqual(0);
          expect(range.to).toBeLessThanOrEqual(all.length);
          expect(size(range)).toBeGreaterThan(0);
          if (one.isFollowing) expect(range.to).toBe(all.length);
          const wanted = all.findIndex(({ id }) => id === one.focus);
          if (!one.isFollowing && wanted !== -1) {
            expect(range.from).toBeLessThanOrEqual(wanted);
            expect(range.to).toBeGreaterThan(wanted);
          }
        }
      }),
    );
  });
});
