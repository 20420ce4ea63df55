/** Lines of the journal that were cut, changed or left by a refused write: none is taken for a whole one, and none that was acknowledged is missed in silence. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLine, encodeLine } from "../../../../server/state/journal/lines.js";
import { readSegment } from "../../../../server/state/journal/segmentContent.js";

const HEAD = encodeLine(1, 1, JSON.stringify({ after: null }));
const say = (value: unknown) => JSON.stringify({ says: value });
const said = (values: readonly unknown[]) => values.map((says) => ({ says }));

/** Each inner list is one batch. */
function segmentOf(batches: readonly (readonly string[])[]): Buffer {
  let [text, number] = [HEAD, 2];
  for (const [at, batch] of batches.entries()) {
    const first = at === 0 ? 1 : number;
    for (const value of batch) text += encodeLine(number++, first, say(value));
  }
  return Buffer.from(text);
}

describe("a line of the journal", () => {
  test("a line gives back what was put into it, whatever characters that has", () => {
    const number = fc.integer({ min: 1, max: 2 ** 40 });
    fc.assert(
      fc.property(number, number, fc.jsonValue(), (n, batch, value) => {
        const line = Buffer.from(encodeLine(n, batch, say(value)));
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(decodeLine(line.subarray(0, -1))).toEqual({
          number: n,
          batch,
          content: JSON.parse(say(value)),
        });
      }),
    );
  });

  test("a line with any bit changed, or cut anywhere, is none", () => {
    const line = Buffer.from(encodeLine(7, 5, say("ä\u2028 €"))).subarray(0, -1);
    for (let at = 0; at < line.length; at++) {
      expect(decodeLine(line.subarray(0, at))).toBe(null);
      expect(decodeLine(line.subarray(at + 1))).toBe(null);
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(line);
        changed[at]! ^= 1 << bit;
        expect(decodeLine(changed), `bit ${bit} of byte ${at}`).toBe(null);
      }
    }
    expect(decodeLine(Buffer.concat([line, Buffer.from(" ")]))).toBe(null);
  });
});

describe("a file of the journal", () => {
  const BATCHES = [["a", "b"], ["c"], ["d", "e", "f"]];
  const whole = segmentOf(BATCHES);

  test("a file gives its lines in order, and zeros behind them are nothing", () => {
    for (const zeros of [0, 1, 5_000]) {
      const read = readSegment(Buffer.concat([whole, Buffer.alloc(zeros)]), null);
      expect(read).toEqual({
        head: { after: null },
        contents: said(["a", "b", "c", "d", "e", "f"]),
        isDamaged: false,
        end: whole.length,
        next: 8,
      });
    }
  });

  test("a file that is cut at any byte gives the whole lines before the cut, and is not damaged", () => {
    const ends: number[] = [];
    for (let at = whole.indexOf("\n"); at !== -1; at = whole.indexOf("\n", at + 1))
      ends.push(at + 1);
    for (let cut = 0; cut <= whole.length; cut++) {
      const lines = ends.filter((end) => end <= cut).length;
      for (const tail of ["", "\0".repeat(100)]) {
        const { contents, isDamaged, end } = readSegment(
          Buffer.concat([whole.subarray(0, cut), Buffer.from(tail)]),
          null,
        );
        expect(contents, `cut at ${cut}`).toEqual(
          said(["a", "b", "c", "d", "e", "f"].slice(0, Math.max(0, lines - 1))),
        );
        expect(isDamaged).toBe(false);
        expect(end).toBe(ends[lines - 1] ?? 0);
      }
    }
  });

  test("a write whose pages reached the disk in another order is left out from its first broken line on", () => {
    const last = whole.indexOf(encodeLine(5, 5, say("d")));
    const next = whole.indexOf(encodeLine(6, 5, say("e")));
    const torn = Buffer.from(whole);
    torn.fill(0, last, next);
    const { contents, isDamaged, next: following } = readSegment(torn, null);
    expect([contents, isDamaged, following]).toEqual([said(["a", "b", "c"]), false, 5]);
  });

  test("a broken line before a later write is damage: it is told where it stood, and the rest is read", () => {
    for (let at = HEAD.length; at < whole.indexOf(encodeLine(5, 5, say("d"))); at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      const { contents, isDamaged, next } = readSegment(changed, null);
      const texts = contents.filter((content) => typeof content === "string");
      const values = contents.filter((content) => typeof content !== "string");
      expect(isDamaged, `byte ${at}`).toBe(true);
      expect(texts.length).toBeGreaterThan(0);
      // A line break that is gone takes the line behind it along.
      expect(values.slice(-2)).toEqual(said(["e", "f"]));
      if (whole[at] !== "\n".charCodeAt(0)) expect(values.slice(-3)).toEqual(said(["d", "e", "f"]));
      expect(next).toBe(8);
    }
  });

  test("a broken first line is damage where later writes stand behind it, and nothing where only its own does", () => {
    const damaged = Buffer.from(whole);
    damaged[3]! ^= 1;
    const read = readSegment(damaged, null);
    expect([read.head, read.isDamaged]).toEqual([null, true]);
    const alone = segmentOf([["a", "b"]]);
    alone[3]! ^= 1;
    expect(readSegment(alone, null)).toMatchObject({ head: null, contents: [], isDamaged: false });
  });

  test("lines that a refused write left behind a later one are no lines", () => {
    const good = segmentOf([["a"], ["c"]]);
    const left = segmentOf([["a"], ["x", "y"]]).subarray(segmentOf([["a"]]).length);
    const second = left.subarray(left.indexOf("\n") + 1);
    const read = readSegment(Buffer.concat([good, second.subarray(4), second]), null);
    expect(read).toMatchObject({ contents: said(["a", "c"]), isDamaged: false });
  });
});
