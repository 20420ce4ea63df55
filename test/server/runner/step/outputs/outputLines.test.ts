/** Lines by which a command hands something on: found wherever the output is cut, and nowhere else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutputLines } from "../../../../../server/runner/step/outputs/outputLines.js";

function foundIn(pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  const lines = createOutputLines((line) => found.push(line));
  for (const piece of pieces) lines.add(piece);
  lines.end();
  return found;
}

/** By the plain rule: a line ends with a line feed or a carriage return. */
const byTheRule = (text: string): string[] =>
  text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("::output "));

const part = fc.constantFrom(
  ..."::output a=b,::output ,::out,::,:,\n,\r,\r\n,x,é,👍,\0,::note::x, ::output c=d".split(","),
);

describe("the lines ::output name=value", () => {
  it("lines ::output name=value are found wherever the output is cut", () => {
    const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 20 }), (printed, cuts) => {
        const bytes = Buffer.from(printed);
        const places = [...new Set([0, ...cuts, bytes.length])].filter((at) => at <= bytes.length);
        places.sort((one, other) => one - other);
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(foundIn(pieces)).toEqual(byTheRule(printed));
      }),
      { numRuns: 2_000 },
    );
  });

  it("lines ::output name=value are told in part where they are far too long, and take no room", () => {
    const pieces = [
      Buffer.from("::output a="),
      ...Array.from({ length: 2_000 }, () => Buffer.alloc(1_024, "x")),
      Buffer.from("\n::output b=1\n"),
    ];
    const [long, next] = foundIn(pieces);
    expect(long!.length).toBeGreaterThan(4_096);
    expect(long!.length).toBeLessThan(20_000);
    expect(next).toBe("::output b=1");
  });
});
