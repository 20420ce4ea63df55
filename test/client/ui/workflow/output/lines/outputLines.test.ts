/** Output as lines: what a terminal would show of it, within bounds, in one pass. */
import { describe, expect, test } from "vitest";
import type { LogPart } from "../../../../../../client/ui/workflow/output/bytes/logBytes.js";
import { lineEndsOf } from "../../../../../../client/ui/workflow/output/bytes/pieceBytes.js";
import {
  createLineWriter,
  LineList,
} from "../../../../../../client/ui/workflow/output/lines/outputLines.js";
import { LINES_A_BLOCK } from "../../../../../../client/ui/workflow/output/onPage/logWindow.js";
import { ShownLines } from "../../../../../../client/ui/workflow/output/onPage/shownLines.js";
import { textsOf } from "../../../../../../client/ui/workflow/output/tools/logCopy.js";
import { manualClock } from "../../../../../support/clocks/manualClock.js";
import { TOOL_OUTPUTS } from "../../../../../support/samples/terminalOutputs.js";

function linesOf(...pieces: string[]): string[] {
  const list = new LineList();
  const writer = createLineWriter({ line: 0, offset: 0 }, list);
  for (const text of pieces) writer.write(text, null);
  const open = writer.open();
  return [...list.lines, ...(open ? [open] : [])].map(({ text }) => text);
}

const clock = manualClock();
const neverWalked = { walk: () => Promise.reject(new Error("nobody asked")) };

/** Lines that are told one piece after the other, as a follower of the end hears of them. */
function shown() {
  const lines = new ShownLines(neverWalked, () => {});
  return {
    lines,
    add(text: string, skipped = 0) {
      const from = lines.next + skipped;
      const next = from + Buffer.byteLength(text);
      lines.told({ attempt: 1, from, next, text, skipped });
      lines.make(clock);
    },
    texts: () => lines.blocks().flatMap((block) => block.lines.map(({ text }) => text)),
  };
}

describe("output as lines", () => {
  test.each<[string, string[], string[]]>([
    ["lines, and one that has not ended", ["one\ntwo\nthr"], ["one", "two", "thr"]],
    ["empty lines", ["\n\na\n"], ["", "", "a"]],
    ["a line cut anywhere", ["o", "ne\nt", "wo"], ["one", "two"]],
    [
      "Windows line ends, also cut in between",
      ["one\r\ntwo\r", "\nthree"],
      ["one", "two", "three"],
    ],
    ["a progress bar as its last state", [" 10%\r 20%\r100%\ndone"], ["100%", "done"]],
    ["a shorter writing over a longer one", ["abcdef\rxy"], ["xycdef"]],
    ["a line that was erased first", ["abcdef\r\u001b[Kxy"], ["xy"]],
    ["a line that was erased whole", ["abcdef\u001b[2K\rxy"], ["xy"]],
    ["a backspace", ["abc\b\bX"], ["aXc"]],
    ["colours, as nothing", ["\u001b[1;31mred\u001b[0m plain"], ["red plain"]],
    ["a sequence cut in two", ["a\u001b[3", "1mb"], ["ab"]],
    ["a title, ended by BEL or by ST", ["\u001b]0;title\u0007a\u001b]8;;x\u001b\\b"], ["ab"]],
    ["a title that never ends, up to the end of its line", ["a\u001b]0;title\nb"], ["a", "b"]],
    ["no bells, NULs or turned reading directions", ["a\u0007\u0000b\u202ec\u2066d"], ["abcd"]],
    ["tabs", ["a\tb"], ["a\tb"]],
    [
      "8-bit controls, as nothing",
      ["He said \u00e2\u0080\u009d and left"],
      ["He said \u00e2 and left"],
    ],
    ["an escape at the very end", ["abc\u001b"], ["abc"]],
    ["markup as text", ["<b>&amp;</b>"], ["<b>&amp;</b>"]],
  ])("shows %s", (_, pieces, expected) => {
    expect(linesOf(...pieces)).toEqual(expected);
    // The same, however it is cut.
    expect(linesOf(...pieces.join(""))).toEqual(expected);
  });

  test.each(TOOL_OUTPUTS)(
    "$tool: its output is shown as a terminal does",
    ({ printed, shown: expected }) => {
      for (const size of [printed.length, 1, 7, 64]) {
        const { lines, add } = shown();
        for (let at = 0; at < printed.length; at += size) add(printed.slice(at, at + size));
        const texts = lines
          .blocks()
          .flatMap((block) => block.lines.map(({ text }) => text.trimEnd()));
        expect(texts).toEqual(expected);
      }
    },
  );

  test("the newest five thousand lines are kept, in blocks that stay the same objects", () => {
    const { lines, add, texts } = shown();
    add("x\n".repeat(LINES_A_BLOCK * 3));
    const [first = 0, ...others] = lines.blocks().map(({ id }) => id);
    expect(others).toEqual([first + 1, first + 2]);
    for (let index = 0; index < 20_000; index++) add(`${index}\n`);
    add("open");
    const blocks = lines.blocks();
    expect(blocks.length).toBeLessThanOrEqual(101);
    expect(texts().slice(-2)).toEqual(["19999", "open"]);
    expect(texts().length).toBeGreaterThan(4_800);
    add("more");
    expect(lines.blocks().slice(0, -1)).toEqual(blocks.slice(0, -1));
    expect(lines.blocks()[0]).toBe(blocks[0]);
  });

  test("each line knows where it begins among the bytes", () => {
    const { lines, add } = shown();
    add("é one\ntw");
    add("o\n😀\n");
    add("four");
    const offsets = lines.blocks().flatMap((block) => block.lines.map(({ offset }) => offset));
    expect(offsets).toEqual([0, 7, 11, 16]);
  });

  test("bytes that are no characters hide where lines begin, until the next piece", () => {
    const { lines } = shown();
    lines.told({ attempt: 1, from: 0, next: 4, text: "a\ufffd\nb", skipped: 0 });
    lines.told({ attempt: 1, from: 4, next: 8, text: "\nc\nd", skipped: 0 });
    lines.make(clock);
    const offsets = lines.blocks().flatMap((block) => block.lines.map(({ offset }) => offset));
    expect(offsets).toEqual([0, null, 5, 7]);
  });

  test("a reader at the start sees nothing cut there: the end goes, and can be read again from its place", () => {
    const { lines, add } = shown();
    lines.isFollowing = false;
    lines.isReadAtStart = true;
    for (let index = 0; lines.isAtEnd; index++) add(`line ${index}\n`);
    const blocks = lines.blocks();
    expect(blocks[0]!.lines[0]!.text).toBe("line 0");
    expect(blocks).toHaveLength(5_000 / LINES_A_BLOCK);
    const next = Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`).join("");
    expect(lines.next).toBe(next.length);
  });

  test("a line without an end stays bounded, and so does the time it takes", () => {
    const { add, texts } = shown();
    const startedAt = performance.now();
    for (let index = 0; index < 200; index++) add("y".repeat(65_536));
    for (let index = 0; index < 50; index++) add("\u001b[".repeat(32_768));
    expect(texts().reduce((sum, text) => sum + text.length, 0)).toBeLessThan(8 * 1024 * 1024);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("the lines say where bytes were left out, and number nothing behind it", () => {
    const { lines, add, texts } = shown();
    add("head\nhal");
    add("tail\n", 12_345);
    expect(texts()).toEqual(["head", "hal", "12,345 bytes were left out here", "tail"]);
    const all = lines.blocks().flatMap((block) => block.lines);
    expect(all.map((line) => lines.count.numberOf(line))).toEqual([1, 2, null, null]);
  });

  test("lines that are drawn again keep their numbers and places, and what follows has those of its own", () => {
    const { lines, add, texts } = shown();
    add("head\none\ntwo\n");
    const [head, one, two] = lines.blocks()[0]!.lines;
    add("\u001b[2AONE\n");
    add("TWO\nafter\n");
    expect(texts()).toEqual(["head", "ONE", "TWO", "after"]);
    const [again, first, second, after] = lines.blocks()[0]!.lines;
    expect(again).toBe(head);
    expect(first).toEqual({ ...one, text: "ONE" });
    expect(second).toEqual({ ...two, text: "TWO" });
    // Behind five line ends: one of them led down to a line that was there, one to where the next begins.
    expect(lines.count.numberOf(after!)).toBe(6);
    expect(after!.offset).toBe("head\none\ntwo\n\u001b[2AONE\nTWO\n".length);
  });

  test("lines read before others are joined with what those write over them", () => {
    const { shown: expected, printed } = TOOL_OUTPUTS.find(({ tool }) => tool === "docker pull")!;
    const bytes = Buffer.from(printed);
    const starts = [...printed.matchAll(/\n/g)].map(({ index }) => index + 1);
    for (const from of starts) {
      const lines = new ShownLines(neverWalked, () => {});
      const part = (begin: number, end: number): LogPart => {
        const text = bytes.subarray(begin, end).toString();
        const lineEnds = lineEndsOf({ from: begin, next: end, text }) ?? [];
        return { from: begin, next: end, text, lineEnds, missing: 0, isLast: begin === 0 };
      };
      lines.restart(from, false);
      lines.append(part(from, bytes.length));
      // What it writes over is there, though nobody knows yet what stood there.
      const texts = () =>
        lines.blocks().flatMap((block) => block.lines.map(({ text }) => text.trimEnd()));
      const known = texts();
      expect(known).toEqual(expected.slice(expected.length - known.length));
      const numbers = lines.blocks().flatMap((block) => block.lines.map((line) => line.offset));
      expect(numbers.every((offset) => offset === null || offset >= from)).toBe(true);
      lines.prepend(part(0, from));
      expect(texts()).toEqual(expected);
      expect(
        lines.blocks().flatMap((block) => block.lines.map((line) => lines.count.numberOf(line))),
      ).toEqual([1, 2, 3, 4, 5]);
    }
  });

  test("lines are copied as they stand: a row that a program moved to is no rest of the one before", () => {
    const list = new LineList();
    const writer = createLineWriter({ line: 0, offset: 0 }, list);
    writer.write(`one\x1b[1Etwo\x1b[1Ethree${"x".repeat(9_000)}\n`, null);
    expect(textsOf(list.lines)).toEqual(["one", "two", `three${"x".repeat(9_000)}`]);
  });

  test("marker lines are known, and still their text", () => {
    const { lines, add } = shown();
    add("::group::Build\nmake\n::endgroup::\n::progress 42::Copying\n");
    const kinds = lines.blocks().flatMap((block) => block.lines.map(({ marker }) => marker?.kind));
    expect(kinds).toEqual(["group", undefined, "endgroup", "progress"]);
  });
});
