/** Patterns of others: what they mean, what is refused with its place, and that none of them holds anybody up. */
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { translatePattern } from "../../../server/fields/patternSyntax.js";
import { createPatternMatcher, readPattern } from "../../../server/fields/patterns.js";

const EVIL_PATTERNS = [
  "^(a+)+$",
  "^([a-z0-9]+)+$",
  "^(?:(?:(?:a+)+)+)+$",
  "(?:a+)+(\\d+)%$",
  "(.*a){20}$",
  "^(a|aa)+$",
  "^(a|a?)+$",
  "([ab]*)*c[de]",
  "^(\\w+\\s?)*$",
  "[ab]*a[ab]{200}[cd]",
  "(?:.?){490}[xy]$",
  "(?:[xa]{0,250}[yz]?){0,4}[tu]",
  "(x+x+)+y",
  "\\s+$",
  "\\p{L}{0,20}[12]$",
  `^${"(".repeat(320)}a${")*".repeat(320)}$`,
  "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
];
const EVIL_VALUES = [
  `${"a".repeat(60)}!`,
  "a".repeat(8_192),
  `${"a".repeat(8_191)}!`,
  "ab".repeat(4_096),
  " ".repeat(8_191),
  "x".repeat(8_191),
  "é😀".repeat(2_730),
  `${"a b".repeat(2_700)}\n`,
];

describe("a pattern means what it means to a browser", () => {
  const values = ["", "a", "A", "ab", "a-b", "a/b", "42%", "x 7 y", "é", "Ω", "中", "😀", "\u00a0"];
  values.push("a\nb", "\r", "\u2028", "\ufeff", "-", "]", "^", "\\", "a.b", "\ud800", "aaa", "_");
  for (const source of [
    "^[a-z0-9.-]+$",
    "^[A-Za-z0-9_./][A-Za-z0-9_./-]{0,199}$",
    "^[~/][A-Za-z0-9 _.,/@+-]{0,299}$",
    "(\\d+)%",
    "^\\w*$",
    "^\\W$",
    "^\\D+$",
    "\\s",
    "^\\S+$",
    "^[^\\s]+$",
    "^[\\S]$",
    "^.$",
    "^[^]$",
    "[]",
    "a$",
    "^b",
    "\\bb\\b",
    "\\B",
    "\\/",
    "[\\-\\]\\^\\\\]",
    "[\\b]",
    "^(?<name>a)(?:b|)$",
    "^\\p{L}+$",
    "\\p{Lu}",
    "^\\P{L}$",
    "[^\\p{L}\\d]",
    "\\p{Script=Greek}",
    "\\p{sc=Han}",
    "\\p{Emoji}",
    "^\\p{Alphabetic}$",
    "\\p{gc=Lu}",
    "^\\u{1F600}$",
    "^\\ud83d\\ude00$",
    "\\u0041",
    "\\x41",
    "\\cM",
    "[\\0-\\x1f]",
    "^a{2,}$",
    "^a{3}$",
    "^a{0}b*?$",
    "^(?:a??b)*?$",
    "|x",
    "",
  ]) {
    test(`/${source}/u`, () => {
      const read = readPattern(source);
      expect(read).toMatchObject({ ok: true });
      const own = new RegExp(source, "u");
      for (const value of values) {
        const found = read.ok && read.pattern.find(value) !== null;
        expect([value, found]).toEqual([value, own.test(value)]);
      }
    });
  }

  test("the first group is what is found", () => {
    const read = readPattern("(?:a+)+(\\d+)%(b)?$");
    expect(read.ok && read.pattern.find("so aa42%")).toBe("42");
    expect(read.ok && read.pattern.groups).toBe(2);
  });
});

describe("refused, with the place, is", () => {
  test.each([
    ["a lookahead", "^(?=.*\\d).{8,}$", "must not use a lookahead, (?=…), at character 2"],
    ["its negation", "a(?!b)", "must not use a lookahead, (?!…), at character 2"],
    ["a lookbehind", "ab(?<=b)c", "must not use a lookbehind, (?<=…), at character 3"],
    ["its negation too", "(?<!b)c", "must not use a lookbehind, (?<!…), at character 1"],
    ["a back-reference", "(a)b\\1", "must not use a back-reference (\\1), at character 5"],
    ["one by name", "(?<n>a)\\k<n>", "must not use a back-reference (\\k<n>), at character 8"],
    ["a group without end", "ab(", "is not a regular expression: Unterminated group, at character"],
    ["nothing to repeat", "a|*", "is not a regular expression: Nothing to repeat, at character"],
    ["an unknown escape", "\\-", "is not a regular expression: Invalid escape, at character"],
    ["RE2's own syntax", "(?P<n>a)", "is not a regular expression: Invalid group, at character"],
    ["POSIX classes", "[[:alpha:]]", "is not a regular expression"],
    ["inline flags", "(?i)a", "is not a regular expression"],
    ["a property without a table", "a\\p{scx=Greek}", "must not use \\p{scx=Greek}; categories"],
    ["many repetitions", "a{1001}", "must not repeat more than 1000 times, at character 1"],
    ["repetitions of repetitions", "(a{1000}){1000}", "must not repeat more than 1000 times"],
    ["and of those", "((a{100}){100}){100}", "must not repeat more than 1000 times"],
    ["endless ones at the top", "(?:a{1000,}){1000,}", "must not repeat more than 1000 times"],
    ["a large program", "(?:abcdefgh){500}", "is too large"],
    ["many small ones", "[ab]{800}[bc]{800}[cd]{800}[de]{800}", "is too large"],
    ["many tables", "\\p{L}\\P{L}".repeat(50), "is too large"],
    ["a long text", "a".repeat(1_001), "must not be longer than 1000 characters"],
  ])("%s", (_, source, why) => {
    const read = readPattern(source);
    expect(read.ok ? "" : read.why).toContain(why);
  });
});

describe("no pattern holds anybody up", () => {
  test.each(EVIL_PATTERNS)("%s", (source) => {
    const read = readPattern(source);
    expect(read).toMatchObject({ ok: true });
    const started = performance.now();
    for (const value of EVIL_VALUES) createPatternMatcher()(source, value);
    // A backtracking matcher takes years for the first of them; this bound is for a machine that is busy.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("a program has no more instructions than were counted", () => {
    for (const source of [...EVIL_PATTERNS, "(a|b|cd)*?x{3,9}", "(?:a{2,}b?){3}", "[\\p{L}\\s]+"]) {
      const translated = translatePattern(source);
      if (!translated.ok) throw new Error(translated.why);
      expect(RE2JS.compile(translated.re2).programSize()).toBeLessThanOrEqual(translated.size);
    }
  });

  test("the values of one check cost so much together and no more", () => {
    const matcher = createPatternMatcher();
    const pattern = "^[a-z]{0,1000}$";
    expect(matcher(pattern, "x".repeat(100))).toBeNull();
    const refusals = Array.from({ length: 50 }, () => matcher(pattern, "x".repeat(500)));
    expect(refusals[0]).toBeNull();
    expect(refusals.at(-1)).toMatch(/^is too long for its pattern: at most \d+ characters$/);
  });

  test("an ordinary pattern takes the longest value there is", () => {
    expect(createPatternMatcher()("^[a-z0-9.-]+$", "x".repeat(8_192))).toBeNull();
  });
});
