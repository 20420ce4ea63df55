import { describe, expect, test } from "vitest";
import { hint, listed, nearest } from "../../../shared/text/nearest.js";

const KNOWN = ["action", "title", "run", "cwd", "env", "timeout"];

describe("the nearest word", () => {
  test.each([
    ["tmeout", "timeout"],
    ["Title", "title"],
    ["actoin", "action"],
    ["rnu", "run"],
    ["envs", "env"],
    ["retries", null],
    ["x", null],
    ["", null],
  ])("to %j is %j", (word, meant) => {
    expect(nearest(word, KNOWN)).toBe(meant);
  });

  test("the nearest word is the one with the fewest slips, and of those the first", () => {
    expect(nearest("shipp", ["shop", "ship"])).toBe("ship");
    expect(nearest("sop", ["stop", "shop"])).toBe("stop");
  });

  test("the nearest word is never another number", () => {
    expect(nearest("deploy-8", ["deploy-7", "deploy-18"])).toBe(null);
    expect(nearest("deply-7", ["deploy-8", "deploy-7"])).toBe("deploy-7");
    expect(nearest("backup", ["backup2"])).toBe("backup2");
  });

  test("the nearest word is found as a table of all distances would have it", () => {
    const words = [
      "",
      "a",
      "ab",
      "ba",
      "abc",
      "acb",
      "bac",
      "abcd",
      "abdc",
      "badc",
      "xbcd",
      "abxcd",
    ];
    for (const one of words)
      for (const other of words) {
        const slips = inTable(one, other);
        const bound = one.length <= 3 ? 1 : 2;
        expect(nearest(one, [other]), `${one} ${other}`).toBe(slips <= bound ? other : null);
      }
  });

  test("costs in long words what it costs in short ones, for each letter", () => {
    const costOf = (length: number) => {
      const known = Array.from({ length: 1_000 }, () => `${"ab".repeat(length / 2)}c`);
      const word = `${"ab".repeat(length / 2)}d`;
      const times = Array.from({ length: 5 }, () => {
        const begun = performance.now();
        expect(nearest(word, known)).toBe(known[0]);
        return performance.now() - begun;
      });
      return Math.min(...times);
    };
    costOf(8);
    // Ten times the letters: a table of them all would be a hundred times as large.
    expect(costOf(80) / costOf(8)).toBeLessThan(40);
    expect(nearest("a".repeat(1_000_000), ["a".repeat(999_999)])).toBe(null);
  });
});

function inTable(one: string, other: string): number {
  if (one === "" || other === "") return one.length + other.length;
  const same = one.at(-1) === other.at(-1);
  const [shorter, less] = [one.slice(0, -1), other.slice(0, -1)];
  const swapped = one.length > 1 && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1);
  return Math.min(
    inTable(shorter, other) + 1,
    inTable(one, less) + 1,
    inTable(shorter, less) + (same ? 0 : 1),
    swapped ? inTable(one.slice(0, -2), other.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
  );
}

describe("the hint", () => {
  test.each([
    ["hst", ["host", "key"], "did you mean host?"],
    ["night", ["nightly-backup", "host"], "did you mean nightly-backup?"],
    ["ssh", ["ssh-a", "ssh-b"], "there are ssh-a, ssh-b"],
    ["deploy-7", ["deploy-71"], "the only one is deploy-71"],
    ["other", ["host"], "the only one is host"],
    ["other", [], "there is none"],
    ["make dir", ["make dirs"], 'did you mean "make dirs"?'],
  ])("for %j among %j is %j", (word, known, said) => {
    expect(hint(word, known)).toBe(said);
  });

  test("lists so many names as anybody reads, and counts the others", () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `step-${index}`);
    expect(hint("other", names)).toMatch(/^there are step-0, .*, step-11, …, and 988 more$/);
    expect(listed(names.map((name) => name.repeat(20))).length).toBeLessThan(500);
  });
});
