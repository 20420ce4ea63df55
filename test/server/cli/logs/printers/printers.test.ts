import { describe, expect, test } from "vitest";
import type { LogPiece } from "../../../../../client/index.js";
import { createJsonPrinter } from "../../../../../server/cli/logs/printers/jsonPrinter.js";
import { createTimedPrinter } from "../../../../../server/cli/logs/printers/timedPrinter.js";
import type { CliContext } from "../../../../../server/cli/process/context.js";
import type { LogTimes } from "../../../../../shared/wire/logTimes.js";

const T = Date.UTC(2026, 0, 1);
const OF = { workflow_id: "w", epoch: "e" };

function world(isTTY = false) {
  let written = "";
  const decoder = new TextDecoder("latin1");
  const stdout = {
    write: (text: string | Uint8Array) => {
      written += typeof text === "string" ? text : decoder.decode(text);
    },
    drained: async () => {},
    isTTY,
  };
  const asked: object[] = [];
  const client = {
    rest: {
      logTimes: async (_id: string, step: number, options: { from: number; to: number }) => {
        asked.push({ step, ...options });
        // Told in two parts, as a long answer is.
        const next = Math.min(options.to, options.from + 4);
        return { attempt: 1, from: options.from, next, times: [[options.from, T + options.from]] };
      },
    },
  };
  type Parts = [Parameters<typeof createTimedPrinter>[1], Pick<CliContext, "stdout" | "env">];
  const parts = [client, { stdout, env: {} }] as unknown as Parts;
  return { parts, asked, written: () => written };
}

function piece(text: string, from: number, at?: LogTimes, attempt = 1): LogPiece {
  const next = from + new TextEncoder().encode(text).length;
  return { attempt, from, next, text, skipped: 0, at };
}

describe("output with its times", () => {
  test("output with its times has before each line when its first byte came", async () => {
    const { parts, written } = world();
    const printer = createTimedPrinter(OF, ...parts);
    printer.piece(
      0,
      piece("one\ntw", 0, [
        [0, T],
        [4, T + 1_000],
      ]),
    );
    printer.piece(0, piece("o\nthree", 6, [[6, T + 2_000]]));
    printer.piece(0, piece("again\n", 0, [[0, T + 3_000]], 2));
    await printer.finish();
    expect(written()).toBe(
      [
        "2026-01-01T00:00:00.000Z one",
        "2026-01-01T00:00:01.000Z two",
        "2026-01-01T00:00:02.000Z three",
        "2026-01-01T00:00:03.000Z again",
        "",
      ].join("\n"),
    );
  });

  test("output with its times asks for the times of what was read, part after part", async () => {
    const { parts, written, asked } = world();
    const printer = createTimedPrinter(OF, ...parts);
    const bytes = new TextEncoder().encode("a\nb\nc\nd\n");
    printer.bytes(2, { attempt: 1, from: 100, bytes });
    await printer.finish();
    expect(asked).toHaveLength(2);
    expect(
      written()
        .split("\n")
        .map((line) => line.slice(17)),
    ).toEqual(["00.100Z a", "00.100Z b", "00.104Z c", "00.104Z d", ""]);
  });

  test("output with its times says where nobody knows, and never a wrong time", async () => {
    const { parts, written } = world();
    const failing = { rest: { logTimes: async () => Promise.reject(new Error("too old")) } };
    const printer = createTimedPrinter(OF, failing as unknown as (typeof parts)[0], parts[1]);
    printer.piece(0, piece("one\n", 0));
    printer.piece(0, piece("two\n", 4, [[4, T]]));
    await printer.finish();
    expect(written()).toBe("- one\n2026-01-01T00:00:00.000Z two\n");
  });

  test("output with its times lets nothing steer a terminal, and no colour reach the time", async () => {
    const { parts, written } = world(true);
    const printer = createTimedPrinter(OF, ...parts);
    printer.piece(0, piece("\u001b[31mred\u001b[2J\nstill red\n", 0, [[0, T]]));
    await printer.finish();
    expect(written()).not.toContain("[2J");
    expect(written()).toContain("\u001b[0m\u001b[2m2026-01-01T00:00:00.000Z\u001b[0m still red");
  });
});

describe("output as JSON", () => {
  test("output as JSON is an object for each line, of each attempt by itself", async () => {
    const { parts, written } = world();
    const printer = createJsonPrinter(OF, new Map(["build", "copy"].entries()), ...parts);
    printer.piece(0, piece("on", 0, [[0, T]]));
    printer.piece(0, piece("e\r\n\ntw", 2, [[2, T + 1_000]]));
    printer.piece(0, { ...piece("back\n", 90, [[90, T]]), skipped: 80 });
    printer.piece(1, piece("last", 0, [[0, T]]));
    await printer.finish();
    const lines = written()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const about = { type: "output", index: 0, action: "build", attempt: 1 };
    expect(lines).toEqual([
      { ...about, at: "2026-01-01T00:00:00.000Z", text: "one" },
      { ...about, at: "2026-01-01T00:00:01.000Z", text: "" },
      { ...about, at: "2026-01-01T00:00:01.000Z", text: "tw" },
      { type: "left_out", index: 0, action: "build", attempt: 1, bytes: 80 },
      { ...about, at: "2026-01-01T00:00:00.000Z", text: "back" },
      { ...about, index: 1, action: "copy", at: "2026-01-01T00:00:00.000Z", text: "last" },
    ]);
  });

  test("output as JSON keeps little of a line that never ends", async () => {
    const { parts, written } = world();
    const printer = createJsonPrinter(OF, new Map(["build"].entries()), ...parts);
    const text = "x".repeat(100_000);
    for (let at = 0; at < 10; at++)
      printer.piece(0, piece(text, at * 100_000, [[at * 100_000, T]]));
    await printer.caughtUp();
    const lines = written()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.goes_on).toBe(true);
  });
});
