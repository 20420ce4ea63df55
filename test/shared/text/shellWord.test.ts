/** Words of a printed command: a shell takes each as the one word it was. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "../../../shared/text/shellWord.js";

const read = (words: readonly string[]): string =>
  execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${words.map(shellWord).join(" ")}`], {
    encoding: "utf8",
  });

test("words with nothing special in them stay as they are", () => {
  const plain = ["serve", "--port", "/srv/a-b_c.yaml", "http://127.0.0.1:4747", "go=yes"];
  expect(plain.map(shellWord)).toEqual(plain);
});

test.each([
  "",
  "a b",
  "it's",
  "$HOME",
  "`id`",
  "~",
  "~/x",
  "=x",
  "a\nb",
  "*",
  "[x]",
  "!!",
  "#",
  "\\",
  "ü",
])("%j is one word again", (word) => expect(read([word])).toBe(`${word}\n`));

test("whatever it is, a shell reads the word that was meant", () => {
  const text = fc.string({ unit: "binary-ascii" }).filter((one) => !one.includes("\0"));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (words) => {
      expect(read(words)).toBe(words.map((word) => `${word}\n`).join(""));
    }),
    { numRuns: 20 },
  );
});
