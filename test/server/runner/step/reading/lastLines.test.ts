import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lastLines } from "../../../../../server/runner/step/reading/lastLines.js";
import { NewestRows } from "../../../../../shared/terminal/newestRows.js";
import { printable } from "../../../../../shared/text/printable.js";
import { TOOL_OUTPUTS } from "../../../../support/samples/terminalOutputs.js";

const PLENTY = 1_000_000;

function createOutputTail() {
  const newest = new NewestRows(4_096);
  return {
    add: (text: string) => newest.add(text),
    lines: (bytes: number) => lastLines(newest, bytes),
  };
}

describe("the tail of an output", () => {
  test("the tail of an output keeps the last twenty lines, wherever the pieces are cut", () => {
    const tail = createOutputTail();
    const all = Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join("");
    for (let at = 0; at < all.length; at += 7) tail.add(all.slice(at, at + 7));
    expect(tail.lines(PLENTY)).toEqual(Array.from({ length: 20 }, (_, n) => `line ${n + 30}`));
  });

  test("the tail of an output has the line that has not ended, and none that says nothing", () => {
    const tail = createOutputTail();
    expect(tail.lines(PLENTY)).toEqual([]);
    tail.add("one\ntw");
    expect(tail.lines(PLENTY)).toEqual(["one", "tw"]);
    tail.add("o\n\n  \n");
    expect(tail.lines(PLENTY)).toEqual(["one", "two"]);
  });

  test.each(TOOL_OUTPUTS)(
    "the tail of an output reads as in a terminal: $tool",
    ({ printed, shown }) => {
      const tail = createOutputTail();
      tail.add(printed);
      expect(tail.lines(PLENTY)).toEqual(shown.filter((line) => line !== ""));
    },
  );

  test("the tail of an output is the same however it is cut, also where most of it is passed over", () => {
    const line = fc.constantFrom(
      "a line\n",
      "\n",
      "10%\r20%\r",
      "\u001b[2A\u001b[Kup\n\n",
      "no end",
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 300 }),
        fc.integer({ min: 1, max: 500 }),
        (all, size) => {
          const text = all.map((one, index) => `${index} ${one}`).join("");
          const [whole, cut] = [createOutputTail(), createOutputTail()];
          whole.add(text);
          for (let at = 0; at < text.length; at += size) cut.add(text.slice(at, at + size));
          expect(cut.lines(PLENTY)).toEqual(whole.lines(PLENTY));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("the tail of an output keeps little of a line that never ends", () => {
    const tail = createOutputTail();
    for (let piece = 0; piece < 1_000; piece++) tail.add("x".repeat(65_536));
    tail.add("\nlast\n");
    const [long, last] = tail.lines(PLENTY);
    expect(long).toHaveLength(400);
    expect(last).toBe("last");
  });

  test("the tail of an output gives the newest lines that fit", () => {
    const tail = createOutputTail();
    tail.add("ééééé\nbbb\nccc\n");
    expect(tail.lines(8)).toEqual(["bbb", "ccc"]);
    expect(tail.lines(19)).toEqual(["ééééé", "bbb", "ccc"]);
    expect(tail.lines(0)).toEqual([]);
  });
});

describe("text for a terminal", () => {
  test.each([
    ["colors", "\u001b[31mred\u001b[0m", "red"],
    ["a title set", "\u001b]0;owned\u0007text", "text"],
    ["a cleared screen", "\u001b[2Jtext", "text"],
    ["a clipboard written", "\u001b]52;c;aGk=\u0007text", "text"],
    ["a bell and a NUL", "a\u0007b\u0000c", "a b c"],
    ["lines", "a\nb", "a b"],
    ["turned writing", "a\u202eb", "a b"],
    ["a lone C1 control", "a\u009bb", "a"],
  ])("text for a terminal does nothing: %s", (_, text, expected) => {
    expect(printable(text).startsWith(expected)).toBe(true);
    expect(printable(text)).not.toMatch(/\p{Cc}/u);
  });

  test("text for a terminal is cut, but not inside a character", () => {
    expect(printable("😀".repeat(10), 4)).toBe("😀…");
    expect(printable("short", 5)).toBe("short");
    expect(printable("longer", 5)).toBe("long…");
  });
});
