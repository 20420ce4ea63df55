/** Output as lines: what a terminal would show of it, within bounds, in one pass. */
import { describe, expect, test } from "vitest";
import { createOutputLines, LINES_A_BLOCK } from "../../client/ui/workflow/output/outputLines.js";

function linesOf(...pieces: string[]): string[] {
  const lines = createOutputLines();
  for (const text of pieces) lines.add({ text, skipped: 0 });
  return lines.picture().blocks.flatMap((block) => block.lines.map(({ text }) => text));
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
    ["a line that was erased whole", ["abcdef\u001b[2K\rxy"], ["xy    "]],
    ["a backspace", ["abc\b\bX"], ["aXc"]],
    ["colours, as nothing", ["\u001b[1;31mred\u001b[0m plain"], ["red plain"]],
    ["a sequence cut in two", ["a\u001b[3", "1mb"], ["ab"]],
    ["a title, ended by BEL or by ST", ["\u001b]0;title\u0007a\u001b]8;;x\u001b\\b"], ["ab"]],
    ["a title that never ends, up to the end of its line", ["a\u001b]0;title\nb"], ["a", "b"]],
    ["no bells, NULs or turned reading directions", ["a\u0007\u0000b\u202ec\u2066d"], ["abcd"]],
    ["tabs", ["a\tb"], ["a\tb"]],
    ["8-bit sequences", ["a\u009b31mb\u009d0;t\u009cc"], ["abc"]],
    ["an escape at the very end", ["abc\u001b"], ["abc"]],
    ["markup as text", ["<b>&amp;</b>"], ["<b>&amp;</b>"]],
  ])("shows %s", (_, pieces, expected) => {
    expect(linesOf(...pieces)).toEqual(expected);
    // The same, however it is cut.
    expect(linesOf(...pieces.join(""))).toEqual(expected);
  });

  test("keeps the newest five thousand lines, in blocks that stay the same objects", () => {
    const lines = createOutputLines();
    lines.add({ text: "x\n".repeat(LINES_A_BLOCK * 3), skipped: 0 });
    const before = lines.picture().blocks;
    for (let index = 0; index < 20_000; index++) lines.add({ text: `${index}\n`, skipped: 0 });
    lines.add({ text: "open", skipped: 0 });
    const { blocks, total, dropped } = lines.picture();
    expect(total).toBe(20_601);
    expect(dropped + blocks.reduce((sum, block) => sum + block.lines.length, 0)).toBe(total);
    expect(blocks.length).toBeLessThanOrEqual(26);
    expect(blocks.at(-1)!.lines.at(-1)!.text).toBe("open");
    expect(before.map(({ id }) => id)).toEqual([0, 1, 2]);
    lines.add({ text: "more", skipped: 0 });
    expect(lines.picture().blocks.slice(0, -1)).toEqual(blocks.slice(0, -1));
    expect(lines.picture().blocks[0]).toBe(blocks[0]);
  });

  test("a line without an end stays bounded, and so does the time it takes", () => {
    const lines = createOutputLines();
    const startedAt = performance.now();
    for (let index = 0; index < 200; index++) lines.add({ text: "y".repeat(65_536), skipped: 0 });
    for (let index = 0; index < 50; index++)
      lines.add({ text: "\u001b[".repeat(32_768), skipped: 0 });
    const kept = lines.picture().blocks.flatMap((block) => block.lines);
    expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(8 * 1024 * 1024);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("says where bytes were left out", () => {
    const lines = createOutputLines();
    lines.add({ text: "head\nhal", skipped: 0 });
    lines.add({ text: "tail\n", skipped: 12_345 });
    expect(lines.picture().blocks[0]!.lines).toEqual([
      { kind: "text", text: "head" },
      { kind: "text", text: "hal" },
      { kind: "notice", text: "12,345 bytes were left out here" },
      { kind: "text", text: "tail" },
    ]);
  });
});
