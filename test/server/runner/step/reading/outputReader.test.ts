import { describe, expect, test } from "vitest";
import { createOutputReader } from "../../../../../server/runner/step/reading/outputReader.js";
import { manualClock } from "../../../../support/clocks/manualClock.js";
import { TOOL_OUTPUTS } from "../../../../support/samples/terminalOutputs.js";

function heardOf(pattern?: string) {
  const heard = { lines: [] as string[], parts: [] as number[], markers: [] as string[] };
  const reader = createOutputReader(
    pattern,
    {
      marker: ({ kind }) => void heard.markers.push(kind),
      progress: (part) => void heard.parts.push(part),
      line: (line) => void heard.lines.push(line),
    },
    manualClock(),
  );
  return { heard, reader };
}

const cutInto = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
    text.slice(n * size, n * size + size),
  );

describe("the line that a step says", () => {
  test.each(TOOL_OUTPUTS)(
    "the line that a step says is the one that was changed last: $tool",
    ({ printed, said }) => {
      for (const size of [printed.length, 1, 7, 64]) {
        const { heard, reader } = heardOf();
        for (const piece of cutInto(printed, size)) reader.add(piece);
        reader.end();
        expect(heard.lines.at(-1)).toBe(said);
      }
    },
  );

  test("of two lines that are drawn again and again, a step says the one that changed", () => {
    const { heard, reader } = heardOf();
    reader.add("db starting\nweb waiting\n");
    reader.add("\u001b[2A\u001b[2K\rdb started\n\n");
    expect(heard.lines.at(-1)).toBe("db started");
    reader.add("\u001b[1A\u001b[2K\rweb started\n");
    expect(heard.lines.at(-1)).toBe("web started");
  });

  test("the line that a step says goes on with a line that was moved in before", () => {
    const { heard, reader } = heardOf();
    reader.add("old\u001b[2K\u001b[1Gnew");
    reader.add(" and more");
    expect(heard.lines).toEqual(["new", "new and more"]);
  });

  test("a step says no line that was printed before a marker, which is newer", () => {
    const { heard, reader } = heardOf();
    reader.add("one\n");
    reader.add("::progress 42::Copying\n");
    reader.add("\n");
    expect(heard).toMatchObject({ lines: ["one"], markers: ["progress"] });
    reader.add("::not a marker");
    expect(heard.lines).toEqual(["one"]);
    reader.end();
    expect(heard.lines).toEqual(["one", "::not a marker"]);
  });

  test("the progress is read from each writing of a progress bar, also from one that was erased since", () => {
    const { heard, reader } = heardOf("rsync");
    reader.add("     32,768   1%    0.00kB/s\r  2,097,152  69%    1.96MB/s\r");
    reader.add("  3,000,000 100%    2.11MB/s\r\u001b[K");
    expect(heard.parts).toEqual([0.69, 1]);
  });
});
