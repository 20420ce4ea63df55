/** What waits to become lines comes in order and whole; what is passed over is counted exactly, and reading goes on at the start of a line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogPiece } from "../../../../../../client/index.js";
import { WaitingPieces } from "../../../../../../client/ui/workflow/output/bytes/waitingPieces.js";

function piecesOf(...texts: string[]): LogPiece[] {
  let from = 0;
  return texts.map((text) => {
    const next = from + Buffer.byteLength(text);
    const piece = { attempt: 1, from, next, text, skipped: 0 };
    from = next;
    return piece;
  });
}

function waiting(pieces: readonly LogPiece[]): WaitingPieces {
  const all = new WaitingPieces();
  for (const piece of pieces) all.add(piece);
  return all;
}

function takenFrom(all: WaitingPieces) {
  const parts = [];
  for (let part = all.take(); part; part = all.take()) parts.push(part);
  return parts;
}

describe("what waits to become lines", () => {
  test("a waiting text comes whole and in small parts, each line end with its place", () => {
    const text = "é line\n".repeat(20_000);
    const parts = takenFrom(waiting(piecesOf(text, "last")));
    expect(parts.map((part) => part.text).join("")).toBe(`${text}last`);
    expect(Math.max(...parts.map((part) => part.text.length))).toBeLessThanOrEqual(16_384);
    const ends = parts.flatMap(({ lineEnds }) => lineEnds ?? []);
    expect(ends).toEqual(Array.from({ length: 20_000 }, (_, index) => (index + 1) * 8));
  });

  test("a waiting text comes whole also where a piece is one line without an end", () => {
    const parts = takenFrom(waiting(piecesOf("x".repeat(100_000))));
    expect(parts.map(({ text }) => text.length).reduce((sum, one) => sum + one)).toBe(100_000);
    expect(parts.at(-1)!.next).toBe(100_000);
  });

  test("waiting text is passed over but for the newest lines, within a piece too", () => {
    const all = waiting(piecesOf("one\ntwo\n", "three\nfour\n", "five\nsix\nseven\n"));
    expect(all.passOver(2)).toEqual({ offset: 24, lineEnds: 5, gaps: 0 });
    expect(takenFrom(all).map(({ text }) => text)).toEqual(["six\nseven\n"]);
    expect(all.passOver(2)).toBeNull();
  });

  test("waiting text is not passed over where so few lines wait", () => {
    const all = waiting(piecesOf("one\ntwo\n"));
    expect(all.passOver(2)).toBeNull();
    expect(takenFrom(all)).toHaveLength(1);
  });

  test("passing over counts the gaps among what is passed over", () => {
    const [first, second, third] = piecesOf("one\n", "two\n", "three\nfour\n");
    const all = waiting([
      first!,
      { ...second!, from: 104, next: 108, skipped: 100 },
      { ...third!, from: 108, next: 119 },
    ]);
    expect(all.passOver(1)).toEqual({ offset: 114, lineEnds: 3, gaps: 1 });
  });

  test("passing over goes on at the start of a piece where bytes that are no characters hide the lines", () => {
    const broken = (from: number, lines: number): LogPiece => {
      const text = "\ufffd\n".repeat(lines);
      return { attempt: 1, from, next: from + 2 * lines, text, skipped: 0 };
    };
    const all = waiting([broken(0, 10), broken(20, 10), broken(40, 10)]);
    expect(all.passOver(5)).toEqual({ offset: 40, lineEnds: 20, gaps: 0 });
    expect(takenFrom(all)).toHaveLength(1);
    // One that is much by itself is made lines of.
    const one = waiting([broken(0, 50)]);
    expect(one.passOver(5)).toBeNull();
    expect(takenFrom(one)).toHaveLength(1);
  });

  test("waiting text loses nothing and doubles nothing, whatever is passed over when", () => {
    const text = fc.array(fc.constantFrom("a", "é", "😀", "\n", "bc\n", "\r\n"), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(12), { maxLength: 20 }),
        (texts, passes) => {
          const all = new WaitingPieces();
          const whole = Buffer.from(texts.flat().join(""));
          let at = 0;
          let ended = 0;
          piecesOf(...texts.map((one) => one.join(""))).forEach((piece, index) => {
            all.add(piece);
            const passed = passes[index] === undefined ? null : all.passOver(passes[index]! + 1);
            if (passed) {
              expect(whole.subarray(at, passed.offset).toString().split("\n")).toHaveLength(
                passed.lineEnds + 1,
              );
              if (passed.offset > 0) expect(whole[passed.offset - 1]).toBe(10);
              at = passed.offset;
              ended += passed.lineEnds;
            }
            const part = all.take();
            if (part) {
              expect(whole.subarray(at).toString().startsWith(part.text)).toBe(true);
              at += Buffer.byteLength(part.text);
              ended += part.lineEnds!.length;
            }
          });
          for (const part of takenFrom(all)) {
            expect(whole.subarray(at).toString().startsWith(part.text)).toBe(true);
            at += Buffer.byteLength(part.text);
            ended += part.lineEnds!.length;
          }
          expect(at).toBe(whole.length);
          expect(ended).toBe(whole.toString().split("\n").length - 1);
        },
      ),
    );
  });
});
