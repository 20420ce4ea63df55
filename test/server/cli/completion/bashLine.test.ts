import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { bashWord, splitBash } from "../../../../server/cli/completion/bashLine.js";

const BREAKS = " \t\n\"'@><=;|&(:";

describe("a line of bash", () => {
  test.each([
    ["instep ", ["instep", ""], "", 0],
    ["instep  list --st", ["instep", "list", "--st"], "", 0],
    ["instep watch dep:lo", ["instep", "watch", "dep:lo"], "", 4],
    ["instep start x --input host=we", ["instep", "start", "x", "--input", "host=we"], "", 5],
    ["instep start \"a b\" 'c d' e\\ f", ["instep", "start", "a b", "c d", "e f"], "", 0],
    ['instep watch "dep:l', ["instep", "watch", "dep:l"], '"', 0],
    ["instep watch 'it", ["instep", "watch", "it"], "'", 0],
    ["instep watch ''", ["instep", "watch", ""], "", 0],
    ['instep "\\$x \\a', ["instep", "$x \\a"], '"', 0],
    ["instep a\\:b", ["instep", "a:b"], "", 0],
    ["instep list --status=f", ["instep", "list", "--status=f"], "", 9],
  ])("%j is read as bash reads it", (line, words, quote, stays) => {
    expect(splitBash(line, BREAKS)).toEqual({ words, quote, stays });
  });

  const HOSTILE = [
    "$(touch x)",
    "`id`",
    "a b",
    "it's",
    '"',
    "\\",
    "!!",
    "~",
    "*",
    "{a,b}",
    "a;b",
    "#",
    "a|b>c&",
    "ä ö",
    "$x",
  ];

  test.each(["", '"'] as const)(
    "takes what is offered behind %j as one word that runs nothing",
    (quote) => {
      for (const value of HOSTILE) {
        const written = bashWord(value, { words: [], quote, stays: 0 });
        if (written === null) continue;
        const said = execFileSync("bash", ["--norc", "-c", `printf %s ${quote}${written}${quote}`]);
        expect(said.toString()).toBe(value);
      }
    },
  );

  test("a line of bash in single quotes is offered nothing that would end them", () => {
    const open = { words: [], quote: "'", stays: 0 } as const;
    expect(
      HOSTILE.map((value) => bashWord(value, open)).filter((one) => one?.includes("'")),
    ).toEqual([]);
  });
});
