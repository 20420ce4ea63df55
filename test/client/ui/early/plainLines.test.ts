/** What a terminal would be steered by is left out of the first lines; every other character stays. */
import { describe, expect, it } from "vitest";
import { plainLines } from "../../../../client/ui/early/plainLines.js";

describe("output as plain lines", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["text stays, also with empty lines", "one\n\ntwo\n", ["one", "", "two"]],
    ["a line without its end is one", "one\ntwo", ["one", "two"]],
    ["no output is no line", "", []],
    ["colours go", "\u001b[1;31mred\u001b[0m \u001b[38;5;9mtoo\u001b[m\n", ["red too"]],
    ["titles and links go, their text stays", "\u001b]0;title\u0007a\u001b\\\n", ["a"]],
    ["a link's text stays", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\\n", ["text"]],
    ["a title that does not end takes its line at most", "\u001b]0;title\nnext\n", ["", "next"]],
    ["a sequence that was cut goes", "a\u001b[3", ["a"]],
    ["a line that is written again is its newest text", "1 %\r2 %\r\n", ["2 %"]],
    ["Windows' line ends are line ends", "one\r\ntwo\r\n", ["one", "two"]],
    ["tabs stay, bells and other controls go", "a\tb\u0007\u0000\u009bc\n", ["a\tbc"]],
    ["words to the server go", "::progress 40::Copying\n::output a=1\n::endgroup::\nx\n", ["x"]],
    ["what only looks like one stays", ":: a\nstd::vector x::y\n", [":: a", "std::vector x::y"]],
    ["markup is text", "<b>&amp;</b>\n", ["<b>&amp;</b>"]],
  ];
  it.each(cases)("%s", (_, output, lines) => {
    expect(plainLines(output)).toEqual(lines);
  });

  it("a long line takes no longer than it is long", () => {
    const long = `${"\r".repeat(6_000)}${"\u001b[".repeat(3_000)}`;
    const began = performance.now();
    plainLines(long);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
