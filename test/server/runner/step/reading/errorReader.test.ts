import { describe, expect, test } from "vitest";
import { PlacedOutput } from "../../../../../server/runner/report/placedOutput.js";
import { createErrorReader } from "../../../../../server/runner/step/reading/errorReader.js";
import { manualClock } from "../../../../support/clocks/manualClock.js";

/** What is read of an output, and all of it as it is kept. */
function read(written: readonly string[], begin = 0) {
  let kept = "";
  const output = new PlacedOutput(
    {
      begin,
      write: async (bytes) => {
        kept += Buffer.from(bytes).toString("latin1");
      },
      finish: async () => {},
    },
    manualClock(),
  );
  const reader = createErrorReader(output);
  for (const text of written) {
    const bytes = Buffer.from(text);
    reader.add(text, bytes);
    void output.write(bytes);
  }
  const { said, printed } = reader.end();
  return { said, printed, kept: Buffer.from(kept, "latin1") };
}

const OUTPUT = `first\nsécond\ncp: cannot stat 'é': No such file or directory\n  more\nmake: *** [all] Error 1\n`;

describe("the line of an output that says why", () => {
  test("the line that says why is found with its offset and its number, wherever the pieces are cut", () => {
    for (let size = 1; size < 40; size++) {
      const pieces = [];
      for (let at = 0; at < OUTPUT.length; at += size) pieces.push(OUTPUT.slice(at, at + size));
      const { printed, kept } = read(pieces);
      expect(printed?.text).toBe("cp: cannot stat 'é': No such file or directory");
      expect(printed?.place.line).toBe(3);
      expect(kept.subarray(printed!.place.offset).toString()).toMatch(/^cp: cannot stat 'é'/);
    }
  });

  test("stands in the line it was written to, also behind what had no end yet", () => {
    const { printed, kept } = read([
      "one\nCopying… ",
      "ssh: connect to host web-7 port 22: ",
      "Connection refused\n",
      "done\n",
    ]);
    expect(printed?.text).toBe("Copying… ssh: connect to host web-7 port 22: Connection refused");
    expect(printed?.place).toEqual({ offset: 4, line: 2 });
    expect(kept.subarray(4).toString()).toMatch(/^Copying… ssh:/);
  });

  test("the line of an output that says why has an offset, and no number, where an earlier server printed before", () => {
    const { printed } = read(["a\nError: b\n"], 1_000);
    expect(printed?.place).toEqual({ offset: 1_002 });
  });

  test("the line of an output that says why has no colours and nothing that steers", () => {
    const { printed } = read([
      "\u001b[1m\u001b[31merror\u001b[0m: no \u202ehost\u2066\u200e \u001b]0;owned\u0007here\n",
    ]);
    expect(printed?.text).toBe("error: no  host  here");
  });

  test("the line of an output that says why may be the last writing of a progress bar, and may lack its end", () => {
    const { printed } = read(["a\n 10 %\r 20 %\r", "\rcurl: (6) Could not resolve host: x"]);
    expect(printed).toEqual({
      text: "curl: (6) Could not resolve host: x",
      place: { offset: 2, line: 2 },
    });
  });

  test("the line of an output that says why is the marker's, where the command says one", () => {
    const { said, printed } = read([
      "Error: x\n::error::The disk of web-7 is full\n::note::Error: not this one\n",
    ]);
    expect(said).toEqual({ text: "The disk of web-7 is full", place: { offset: 9, line: 2 } });
    expect(printed?.text).toBe("Error: x");
  });

  test("an output in which nothing looked like an error has no line that says why", () => {
    expect(read(["all is well\n0 errors\n"])).toMatchObject({
      said: null,
      printed: null,
    });
  });

  test("the line of an output that says why is found in a flood in time that grows with it alone", () => {
    const line = (n: number) => (n % 2 ? `ssh: no ${n}\n` : `copied ${n}\n`);
    const timeOf = (lines: number) => {
      const text = Array.from({ length: lines }, (_, n) => line(n)).join("");
      const begin = process.cpuUsage().user;
      read([text]);
      return process.cpuUsage().user - begin;
    };
    timeOf(2_000);
    const [short, long] = [timeOf(4_000), timeOf(32_000)];
    expect(long / short).toBeLessThan(30);
  });
});
