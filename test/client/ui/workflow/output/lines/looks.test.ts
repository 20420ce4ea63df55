/** Colours and links of a program's output: names of ours, readable, and never an address that could do harm. */
import { describe, expect, test } from "vitest";
import { createPen } from "../../../../../../client/ui/workflow/output/lines/looks.js";
import {
  type Range,
  textRuns,
} from "../../../../../../client/ui/workflow/output/lines/stretches.js";
import { Row } from "../../../../../../shared/terminal/row.js";

function after(...parameters: string[]): string {
  const pen = createPen();
  for (const one of parameters) pen.style(one);
  return pen.look.classes;
}

describe("the look of output", () => {
  test.each<[string, string[], string]>([
    ["a colour", ["31"], "in-red"],
    ["a bright colour", ["96"], "in-bright-cyan"],
    ["a ground alone", ["42"], "on-green"],
    ["a colour on a ground", ["31;42"], "in-red over-green"],
    ["bold, from one sequence to the next", ["1", "31"], "in-red is-bold"],
    ["nothing after a reset", ["1;31", "0"], ""],
    ["nothing after an empty reset", ["1;31", ""], ""],
    ["colours turned round", ["7;31"], "on-red"],
    ["one of 256 colours as the nearest of sixteen", ["38;5;196"], "in-red"],
    ["a grey as the nearest of sixteen", ["38;5;250"], "in-white"],
    ["a true colour as the nearest of sixteen", ["38;2;10;250;20"], "in-green"],
    ["colours written with colons", ["38:2::255:80:80"], "in-bright-red"],
    ["a curly line as a line", ["4:3"], "is-underline"],
    ["other families of sequences as nothing", ["?25", ">4;2"], ""],
  ])("knows %s", (_, parameters, expected) => {
    expect(after(...parameters)).toBe(expected);
  });

  test("switching on again and again costs nothing", () => {
    const pen = createPen();
    for (let round = 0; round < 50_000; round++) pen.style("1;4;31");
    expect(pen.look.classes).toBe("in-red is-bold is-underline");
  });

  test.each([
    ["https://example.org/a?b=c", "https://example.org/a?b=c"],
    ["http://127.0.0.1/", "http://127.0.0.1/"],
    ["javascript:alert(1)", null],
    ["JaVaScRiPt:alert(1)", null],
    ["data:text/html,<script>alert(1)</script>", null],
    ["file:///etc/passwd", null],
    ["vbscript:x", null],
    ["//example.org", null],
    ["", null],
  ])("the link %s leads to %s", (address, href) => {
    const pen = createPen();
    pen.command(`8;id=1;${address}`);
    expect(pen.look.href).toBe(href);
    pen.command("8;;");
    expect(pen.look.href).toBeNull();
  });

  test("an address too long for any link is none", () => {
    const pen = createPen();
    pen.command(`8;;https://example.org/${"x".repeat(3_000)}`);
    expect(pen.look.href).toBeNull();
  });

  test("commands that are no links are ignored", () => {
    const pen = createPen();
    pen.command("0;a title");
    pen.command("52;c;aGVsbG8=");
    expect(pen.look).toEqual({ classes: "", href: null });
  });
});

describe("stretches of a line", () => {
  const red = { classes: "in-red", href: null };
  const green = { classes: "in-green", href: null };
  const plain = { classes: "", href: null };
  const drawn = (text: string, stretches: Parameters<typeof textRuns>[1], matches: Range[] = []) =>
    textRuns(text, stretches, matches).map(({ text, look, match }) => [text, look.classes, match]);

  test("what is written over loses its look, what stands around it keeps its own", () => {
    const row = new Row(null, { plain, longest: 100 });
    row.append("abcdef", red);
    row.put(2, "cd", green);
    expect(drawn(row.text, row.stretches)).toEqual([
      ["ab", "in-red", null],
      ["cd", "in-green", null],
      ["ef", "in-red", null],
    ]);
    row.erase(3);
    expect(drawn(row.text, row.stretches)).toEqual([
      ["ab", "in-red", null],
      ["c", "in-green", null],
    ]);
  });

  test("what is found is cut out of its looks, and still one match", () => {
    const stretches = [
      { at: 0, look: plain },
      { at: 3, look: red },
    ];
    const matches = [
      { from: 1, to: 4 },
      { from: 5, to: 6 },
    ];
    expect(drawn("abcdef", stretches, matches)).toEqual([
      ["a", "", null],
      ["bc", "", 0],
      ["d", "in-red", 0],
      ["e", "in-red", null],
      ["f", "in-red", 1],
    ]);
  });

  test("a line of nothing but colours stays bounded", () => {
    const row = new Row(null, { plain, longest: 8_192 });
    for (let at = 0; at < 5_000; at++) row.append("x", at % 2 ? green : red);
    expect(row.text).toHaveLength(5_000);
    expect(row.stretches?.length).toBeLessThanOrEqual(512);
  });
});
