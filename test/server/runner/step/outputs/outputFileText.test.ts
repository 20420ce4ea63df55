/** What may stand in the file behind $INSTEP_OUTPUT, and what is said of the rest. */
import { describe, expect, it } from "vitest";
import { readOutputText } from "../../../../../server/runner/step/outputs/outputFileText.js";

function read(text: string | Buffer, isCut = false) {
  const outputs: [string, string][] = [];
  const problems: string[] = [];
  readOutputText(
    Buffer.from(text as string),
    {
      output: (name, value) => outputs.push([name, value]),
      problem: (what) => problems.push(what),
    },
    isCut,
  );
  return { outputs, problems };
}

describe("the file behind $INSTEP_OUTPUT", () => {
  it.each([
    ["version=1.4\n", [["version", "1.4"]]],
    ["version=1.4", [["version", "1.4"]]],
    [
      "\n\na=1\r\n  b= 2 = two \n",
      [
        ["a", "1"],
        ["b", " 2 = two "],
      ],
    ],
    ["url=http://x/?a<<b\n", [["url", "http://x/?a<<b"]]],
    [
      "a=1\na=2\n",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    [
      "list<<EOF\none\n\ntwo=2\nEOF\nb=1\n",
      [
        ["list", "one\n\ntwo=2"],
        ["b", "1"],
      ],
    ],
    ["list<<EOF\r\none\r\nEOF\r\n", [["list", "one"]]],
    ["list<<EOF\nEOF", [["list", ""]]],
    ["empty=\n", [["empty", ""]]],
    ["", []],
    ["\n \n", []],
  ])("%j hands on %j", (text, outputs) => {
    expect(read(text)).toEqual({ outputs, problems: [] });
  });

  it.each([
    [
      "a=1\nnonsense\nb=2\n",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      ["line 2: it is no name=value"],
    ],
    [
      "my-name=1\nb=2\n",
      [["b", "2"]],
      ["line 1: the name must be letters, digits and _, and must not begin with a digit"],
    ],
    ["__proto__=1\n", [], ["line 1: the name is not a name an output can have"]],
    ["a<<EOF\n1\nb=2\n", [], ["line 1: the mark that ends the value is missing"]],
    ["a<<\nb=2\n", [], ["line 1: no mark stands behind <<"]],
  ])("%j: what is wrong is said, and the rest counts", (text, outputs, problems) => {
    expect(read(text)).toEqual({ outputs, problems });
  });

  it("the file behind $INSTEP_OUTPUT takes no text that is not UTF-8, and keeps what stands beside it", () => {
    const bytes = Buffer.concat([
      Buffer.from("a=1\nb="),
      Buffer.of(0xff, 0xfe),
      Buffer.from("\nc<<E\n"),
      Buffer.of(0xc3),
      Buffer.from("\nE\nd=é\n"),
    ]);
    expect(read(bytes)).toEqual({
      outputs: [
        ["a", "1"],
        ["d", "é"],
      ],
      problems: ["line 2: it is not UTF-8 text", "line 3: the value is not UTF-8 text"],
    });
  });

  it("the file behind $INSTEP_OUTPUT takes no line that was cut off", () => {
    expect(read("a=1\nb=12", true).outputs).toEqual([["a", "1"]]);
  });
});
