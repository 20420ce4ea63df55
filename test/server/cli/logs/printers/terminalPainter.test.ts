import { describe, expect, test } from "vitest";
import { TerminalPainter } from "../../../../../server/cli/logs/printers/terminalPainter.js";
import type { Output } from "../../../../../server/cli/process/context.js";
import { Screen } from "../../../../../shared/terminal/screen.js";
import { TOOL_OUTPUTS } from "../../../../support/samples/terminalOutputs.js";

const E = "\u001b";

function painted(pieces: readonly string[], more: Partial<Output> = {}, powers = {}) {
  let written = "";
  const stdout = {
    write: (text: string) => {
      written += text;
    },
    columns: 120,
    rows: 24,
    ...more,
  } as unknown as Output;
  const painter = new TerminalPainter(stdout, { hasColors: true, canMove: true, ...powers });
  for (const piece of pieces) painter.write(piece);
  return written;
}

/** What a terminal shows of it. */
function seen(written: string): string[] {
  const gone: string[] = [];
  const screen = new Screen<null, null>({
    plain: null,
    look: () => null,
    longest: 8_192,
    isRestLeftOut: false,
    begin: () => null,
    above: () => null,
    left: (row) => void gone.push(row.text),
  });
  screen.write(written);
  const rows = [...gone, ...screen.rows.map(({ text }) => text)].map((row) => row.trimEnd());
  if (rows.at(-1) === "") rows.pop();
  return rows;
}

const cutInto = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
    text.slice(n * size, n * size + size),
  );

describe("output in a terminal", () => {
  test.each(TOOL_OUTPUTS)(
    "output in a terminal ends as the command left it: $tool",
    ({ printed, shown }) => {
      for (const size of [printed.length, 1, 7, 64]) {
        const written = painted(cutInto(printed, size));
        expect(seen(written)).toEqual(shown);
        // Colours, and moves among the rows that are there.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it is about
        expect(written.replaceAll(/\u001b\[(?:[\d;:]*m|\d+A|J)/g, "")).not.toMatch(
          /[^\P{Cc}\t\r\n]/u,
        );
      }
    },
  );

  test.each([
    ["plain text, tabs and line ends", "a\tb\r\nc\n", "a\tb\r\nc\n"],
    ["colours", `${E}[1;38;5;9mred${E}[m`, `${E}[1;38;5;9mred${E}[m`],
    ["no 8-bit controls, and what follows them", "a\u009d and \u009bb\u0090c", "a and bc"],
    ["no bells and turned reading directions", "a\u0007b\u202ed", "abd"],
  ])("has %s", (_, printed, expected) => {
    expect(painted([printed])).toBe(expected);
  });

  test.each([
    ["clearing or scrolling", `a${E}[2J${E}[10;1Hb${E}[?1049h${E}[5S${E}[1;5rc`],
    ["titles, links or clipboards", `a${E}]52;c;eA==\u0007b${E}]0;t${E}\\c`],
    ["questions that the terminal would answer as if typed", `a${E}[6n${E}[>cb${E}Zc`],
    ["colours with anything else in them", `a${E}[>4;2mb${E}[?1mc`],
  ])("has no %s", (_, printed) => {
    const written = painted([printed]);
    expect(seen(written).join("").replaceAll(" ", "")).toBe("abc");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it is about
    expect(written.replaceAll(/\u001b\[(?:[\d;:]*m|\d+A|J)/g, "")).not.toMatch(/[^\P{Cc}\r\n]/u);
  });

  test("moves no further up than the terminal is high: what it cannot reach stays as it was", () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}\n`);
    const written = painted([...lines, `${E}[20A\rfirst${E}[5B\rsixth`], { rows: 10 });
    expect(
      Math.max(...[...written.matchAll(/\[(\d+)A/g)].map(([, rows]) => Number(rows))),
    ).toBeLessThan(10);
  });

  test("output in a terminal counts a line that the terminal breaks as several", () => {
    const written = painted([`${"x".repeat(25)}\nnext\n`, `${E}[2A\rX`], { columns: 10 });
    expect(written).toContain(`\r${E}[4A${E}[JX${"x".repeat(24)}\nnext\n`);
  });

  test("output where nothing can move: the last line is written over, others come once more", () => {
    const dumb = { canMove: false, hasColors: false };
    expect(painted(["10%", "\r20%", "\r100%\nend\n"], {}, dumb)).toBe(
      "10%\r   \r20%\r   \r100%\nend\n",
    );
    expect(painted(["one\ntwo\n", `${E}[2A\rONE\n\n`], {}, dumb)).toBe("one\ntwo\n\r\rONE\n");
  });

  test("the colour that a line was left in goes on behind one that is written over", () => {
    expect(painted([`${E}[31mred\n`, "\rstill", `\b ${E}[0mplain`])).toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it is about
      /\u001b\[31mstil \u001b\[0mplain\u001b\[0m\u001b\[0m$/,
    );
  });
});
