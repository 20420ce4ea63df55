/** Searching a log: what is found, what an error looks like, and expressions that would never come back. */
import { describe, expect, test } from "vitest";
import {
  createSearch,
  finderFor,
  looksLikeError,
} from "../../client/ui/workflow/output/logSearch.js";
import type { OutputBlock } from "../../client/ui/workflow/output/logWindow.js";

const block = (id: number, ...texts: string[]): OutputBlock => ({
  id,
  lines: texts.map((text, index) => ({
    kind: "text",
    text,
    stretches: null,
    line: id * 200 + index,
    part: 0,
    offset: null,
    marker: null,
  })),
});

function places(text: string, isPattern: boolean, line: string): number[][] | string {
  const finder = finderFor({ text, isPattern });
  if (finder === null) return "nothing";
  if (typeof finder !== "function") return finder.problem;
  return finder(line).map(({ from, to }) => [from, to]);
}

describe("a search", () => {
  test.each<[string, string, boolean, string, number[][] | string]>([
    [
      "text in any case",
      "ab",
      false,
      "AB cab",
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ["text that is a special character elsewhere", "a.b(", false, "axb a.b(", [[4, 8]]],
    ["text beside letters whose case has another length", "x", false, "İİ x", [[3, 4]]],
    ["an expression", "l\\w+e$", true, "one line", [[4, 8]]],
    ["no empty places", "a*", true, "bab", [[1, 2]]],
    ["nothing where nothing is wanted", "", false, "abc", "nothing"],
    ["a half expression, as a sentence", "a(", true, "abc", "This is not a valid expression."],
  ])("finds %s", (_, text, isPattern, line, expected) => {
    expect(places(text, isPattern, line)).toEqual(expected);
  });

  test.each(["(a+)+$", "(a|a)*b", "(\\w*)*x", "(.*a){20}", ".*.*.*.*x", "a*a*a*a*b"])(
    "%s is refused: it could search for ever",
    (text) => {
      expect(places(text, true, "a".repeat(60))).toContain("could search for ever");
    },
  );

  test.each(["error|failed", "^\\s+at ", "\\d{3,}", "(GET|POST) /\\w+", "exit [1-9]\\d*"])(
    "%s is not refused",
    (text) => {
      expect(typeof places(text, true, "x")).toBe("object");
    },
  );

  test("counts over all blocks, in order", () => {
    const finder = finderFor({ text: "a", isPattern: false });
    if (typeof finder !== "function") throw new Error("no finder");
    const search = createSearch(finder, () => 0);
    const found = search([block(0, "a", "b", "aa"), block(1, "a")]);
    expect(found.matches.map(({ key, index }) => `${key} ${index}`)).toEqual([
      "0.0 0",
      "2.0 0",
      "2.0 1",
      "200.0 0",
    ]);
  });

  test("stops when its time is over, says where, and goes on from there with the next picture", () => {
    let now = 0;
    let searched = 0;
    const slow = (text: string) => {
      now += 100;
      searched += 1;
      return text === "a" ? [{ from: 0, to: 1 }] : [];
    };
    const search = createSearch(slow, () => now);
    const blocks = [block(0, "a"), block(1, "a"), block(2, "a"), block(3, "a"), block(4, "a")];
    const first = search(blocks);
    expect([first.matches.length, first.stoppedAt?.line]).toEqual([3, 600]);
    const second = search(blocks);
    expect([second.matches.length, second.stoppedAt]).toEqual([5, null]);
    expect(searched).toBe(5);
  });
});

describe("a line looks like an error", () => {
  test.each([
    "ERROR: disk full",
    "error[E0308]: mismatched types",
    "npm ERR! code ENOENT, failed",
    "Traceback (most recent call last):",
    "thread 'main' panicked at src/main.rs",
    "fatal: not a git repository",
    "TypeError: x is not a function",
    "java.lang.NullPointerException",
    "rsync: permission denied",
    "bash: foo: command not found",
  ])("%s", (text) => expect(looksLikeError(text)).toBe(true));

  test.each([
    "Build finished with 0 errors",
    "no errors, no failures",
    "terror in the mirror",
    "unfailing",
    "all is well",
  ])("%s does not", (text) => expect(looksLikeError(text)).toBe(false));
});
