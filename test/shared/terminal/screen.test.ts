import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Screen } from "../../../shared/terminal/screen.js";
import { SCREEN_ROWS } from "../../../shared/terminal/screenRows.js";
import { TOOL_OUTPUTS } from "../../support/samples/terminalOutputs.js";

/** All rows at the end, also those that scrolled out. */
function rowsOf(pieces: readonly string[], longest = 8_192): string[] {
  const gone: string[] = [];
  let look = "";
  const screen = new Screen<string, null>({
    plain: "",
    look: () => look,
    longest,
    isRestLeftOut: false,
    begin: () => null,
    above: () => null,
    left: (row) => void gone.push(row.text),
    style: (parameters) => {
      look = parameters;
    },
  });
  for (const piece of pieces) screen.write(piece);
  const rows = [...gone, ...screen.rows.map(({ text }) => text)];
  if (rows.at(-1) === "") rows.pop();
  return rows;
}

const E = "\u001b";
const shown = (text: string): string[] => rowsOf([text]).map((row) => row.trimEnd());

describe("what a terminal shows at the end", () => {
  test.each(TOOL_OUTPUTS)(
    "the output of $tool reads as a terminal shows it at the end",
    ({ printed, shown: expected }) => {
      expect(shown(printed)).toEqual(expected);
    },
  );

  test.each<[string, string, string[]]>([
    ["text over text", "abcdef\rxy", ["xycdef"]],
    [
      "erased to the end, to the start, and whole",
      `abc\r\u001b[Kx\nabc\b\b${E}[1Kx\nabc${E}[2Kx`,
      ["x", " xc", "   x"],
    ],
    ["a place in the line", `abcdef${E}[3GX${E}[5\`Y`, ["abXdYf"]],
    ["left and right", `abc${E}[2DX${E}[2CY`, ["aXc Y"]],
    [
      "some erased, taken out, put in",
      `abcdef\r${E}[2Xx\nabcdef\r${E}[2Px\nabc\r${E}[2@x`,
      ["x cdef", "xdef", "x abc"],
    ],
    ["tab stops", `a\tb\r\tX\nab\tc\r${E}[2Id`, ["a\tX", "ab\tc       d"]],
    [
      "up, and down to where it was",
      `one\ntwo\nthree${E}[2A\rONE${E}[2B\rTHREE`,
      ["ONE", "two", "THREE"],
    ],
    [
      "to the start of lines above and below",
      `one\ntwo\nthree${E}[2FONE${E}[ETWO`,
      ["ONE", "TWO", "three"],
    ],
    ["a place of the screenful", `one\ntwo\nthree\n${E}[2;2HW${E}[HO`, ["One", "tWo", "three"]],
    ["a place saved and restored", `one${E}7 two${E}8-${E}[s\nthree${E}[uX`, ["one-Xwo", "three"]],
    ["erased from here on", `one\ntwo\nthree${E}[2A\r${E}[JONE`, ["ONE", "", ""]],
    ["erased up to here", `one\ntwo\nthree\b\b${E}[1JX`, ["", "", "   Xe"]],
    [
      "nothing wiped away that was printed before",
      `important\n${E}[2J${E}[Hnew`,
      ["important", "new"],
    ],
    ["wide characters in their two columns", `世界abc${E}[5GX\r${E}[1CY`, [" Y界Xbc"]],
    ["marks on their characters", `e\u0301x\ry`, ["yx"]],
    ["characters of several code points as one", `👨‍👩‍👧x${E}[3Gy`, ["👨‍👩‍👧y"]],
    ["a line end within what is there as a step down", `one\ntwo\n${E}[2Aa\nb\n`, ["ane", "bwo"]],
  ])("%s", (_, printed, expected) => {
    const rows = rowsOf([printed]).map((row) => row.trimEnd());
    while (rows.length < expected.length) rows.push("");
    expect(rows).toEqual(expected);
  });

  test("what scrolled out is never changed, however far up the cursor is told to go", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join("");
    const rows = shown(`${lines}${E}[1000A\rTOP${E}[HHOME`);
    expect(rows.slice(0, 17)).toEqual(Array.from({ length: 17 }, (_, index) => `line ${index}`));
    expect(rows[17]).toBe("HOME 17");
    expect(rows).toHaveLength(40);
  });
});

describe("8-bit controls that came as UTF-8", () => {
  test.each<[string, string, string[]]>([
    [
      "quotes that were encoded twice",
      "He said \u00e2\u0080\u009d and left: 42 files\nafter",
      ["He said \u00e2 and left: 42 files", "after"],
    ],
    [
      "each of them",
      `a${Array.from({ length: 32 }, (_, n) => `${String.fromCharCode(0x80 + n)}${n} `).join("")}`,
      [`a${Array.from({ length: 32 }, (_, n) => n).join(" ")}`],
    ],
    ["bytes that are no characters", "a\ufffd\ufffd0;b", ["a\ufffd\ufffd0;b"]],
    ["within a title, which they do not end", "a\u001b]0;t\u009ct\u0007b", ["ab"]],
  ])("steer nothing: %s", (_, printed, expected) => {
    expect(shown(printed)).toEqual(expected);
  });

  test("steer nothing: a Russian line that was read as Latin-1 keeps all of its other letters", () => {
    const printed = Buffer.from("Нет места: Л, М, Н").toString("latin1");
    expect(shown(printed)).toEqual([printed.replace(/[\u0080-\u009f]/g, "")]);
  });

  test.each(["]0;title", "P1;2q", "X", "^", "_"])(
    "a string that never ends takes its own line and no more: ESC %s",
    (start) => {
      expect(shown(`a${E}${start}lost\nnext`)).toEqual(["a", "next"]);
      expect(shown(`a${E}${start}lost\u0018next`)).toEqual(["anext"]);
      expect(shown(`a${E}${start}lost${E}[1mnext`)).toEqual(["anext"]);
      expect(shown(`a${E}${start}${"x".repeat(10_000)}next`)[0]).toMatch(/^ax+next$/);
    },
  );
});

const bit = fc.oneof(
  fc.constantFrom(
    "\n",
    "\r",
    "\b",
    "\t",
    "世",
    "😀",
    "e\u0301",
    "👨‍👩‍👧",
    "\u009d",
    "\u200b",
    `${E}[`,
    `${E}]0;x`,
    "\u0007",
    E,
    ";",
    "7",
  ),
  fc
    .constantFrom(..."ABCDEFGHJKPXZIdsu@m`")
    .chain((final) =>
      fc
        .tuple(
          fc.constantFrom("", "0", "1", "2", "5", "30", "999999999", "3;7"),
          fc.constant(final),
        )
        .map(([parameters, last]) => `${E}[${parameters}${last}`),
    ),
  fc.constantFrom("7", "8", "c", "D", "E", "M").map((final) => `${E}${final}`),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const printed = fc.array(bit, { maxLength: 80 }).map((bits) => bits.join(""));

describe("whatever is printed", () => {
  test("whatever is printed is the same however it is cut", () => {
    fc.assert(
      fc.property(
        printed,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(8_192, 40),
        (text, size, longest) => {
          const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
            text.slice(n * size, n * size + size),
          );
          expect(rowsOf(pieces, longest)).toEqual(rowsOf([text], longest));
        },
      ),
      { numRuns: 400 },
    );
  });

  test("whatever is printed leaves rows without controls that are not much longer than what was printed", () => {
    fc.assert(
      fc.property(printed, (text) => {
        const all = rowsOf([text]).join("\n");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
        expect(all).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        expect(all.length).toBeLessThan(12 * text.length + 100);
      }),
      { numRuns: 400 },
    );
  });

  test.each<[string, string]>([
    ["moves to the left and right", `${E}[5000Dx${E}[99999999C`],
    ["up and down", `${E}[1000000Ax${E}[1000000B`],
    ["erasing", `x${E}[1K${E}[999X`],
    ["putting in and taking out", `${E}[9@${E}[8P`],
    ["places", `${E}[9;9Hx${E}[H`],
    ["backspaces", "x\b\b"],
    ["wide characters over each other", `世\b界\r`],
    ["wiping", `x${E}[2J`],
  ])("costs no more than its length: a flood of %s", (_, unit) => {
    const flood = (units: number) => {
      const start = `${"long ".repeat(1_600)}\r`;
      const text = start + unit.repeat(units);
      const before = process.cpuUsage().user;
      const rows = rowsOf([text]);
      expect(rows.join("\n").length).toBeLessThan(12 * text.length);
      return process.cpuUsage().user - before;
    };
    flood(5_000);
    const some = flood(5_000);
    const many = flood(50_000);
    // Ten times as much; what is not linear would cost a hundred times as much.
    expect(many).toBeLessThan(50 * Math.max(some, 20_000));
  });

  test("whatever is printed keeps a screenful and no more", () => {
    const screen = new Screen<null, null>({
      plain: null,
      look: () => null,
      longest: 100,
      isRestLeftOut: true,
      begin: () => null,
      above: () => null,
    });
    for (let line = 0; line < 10_000; line++) screen.write(`${E}[24;80Hx${"y".repeat(300)}\n`);
    expect(screen.rows).toHaveLength(SCREEN_ROWS);
    expect(screen.rows.every(({ text }) => text.length <= 100)).toBe(true);
  });
});
