import { describe, expect, test } from "vitest";
import type { InstepClient } from "../../client/index.js";
import type { CliContext } from "../../server/cli/context.js";
import { createLogPrinter, createSafeText } from "../../server/cli/logPrinter.js";

describe("output in a terminal", () => {
  test.each([
    ["plain text, tabs and line ends", "a\tb\r\nc\rd", "a\tb\r\nc\rd"],
    ["colours", "\u001b[1;38;5;9mred\u001b[m", "\u001b[1;38;5;9mred\u001b[m"],
    ["no clearing, moving or scrolling", "a\u001b[2J\u001b[10;1Hb\u001b[?1049hc", "abc"],
    ["no titles, links or clipboards", "a\u001b]52;c;eA==\u0007b\u001b]0;t\u001b\\c", "abc"],
    [
      "no questions that the terminal would answer as if typed",
      "a\u001b[6n\u001b[>cb\u001bZ",
      "ab",
    ],
    ["no 8-bit controls, and what follows them", "a\u009d and \u009bb\u0090c", "a and bc"],
    ["no colours with anything else in them", "a\u001b[>4;2mb\u001b[?1mc", "abc"],
    ["no bells, backspaces or turned reading directions", "a\u0007b\bc\u202ed", "abcd"],
  ])("shows %s", (_, printed, expected) => {
    const whole = createSafeText({ hasColors: true });
    expect(whole.clean(printed)).toBe(expected);
    const cut = createSafeText({ hasColors: true });
    expect([...printed].map((char) => cut.clean(char)).join("")).toBe(expected);
  });
});

describe("output in a terminal without colours", () => {
  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("has none, of nobody's: %j", async (env) => {
    let written = "";
    const write = (chunk: string) => {
      written += chunk;
    };
    const stdout = { write, drained: async () => {}, isTTY: true };
    const context = { stdout, env } as unknown as Pick<CliContext, "stdout" | "env">;
    const printer = createLogPrinter({ workflow_id: "w", epoch: "e" }, {} as InstepClient, context);
    printer.heading("── copy ──");
    printer.piece(0, { attempt: 1, skipped: 0, from: 0, next: 9, text: "\u001b[31mred\n" });
    await printer.finish();
    expect(written).toBe("── copy ──\nred\n");
  });
});

describe("output in a pipe", () => {
  function pipe(log: InstepClient["rest"]["log"]) {
    const written: Buffer[] = [];
    const stdout = {
      write: (chunk: string | Uint8Array) => void written.push(Buffer.from(chunk as Uint8Array)),
      drained: async () => {},
      outliveReader: () => {},
      isTTY: false,
      columns: 80,
      rows: 24,
    };
    const client = { rest: { log } } as unknown as InstepClient;
    const printer = createLogPrinter({ workflow_id: "w", epoch: "e" }, client, {
      stdout,
      env: {},
    } as unknown as Pick<CliContext, "stdout" | "env">);
    return { printer, bytes: () => Buffer.concat(written) };
  }
  const piece = { attempt: 1, skipped: 0 };

  test("is what the command printed, also where that is no text, in order", async () => {
    const { printer, bytes } = pipe(async (_id, _step, options) => {
      expect(options).toMatchObject({ attempt: 1, from: 4, to: 6 });
      return { attempt: 1, from: 4, next: 6, bytes: new Uint8Array([0xff, 0xfe]) };
    });
    printer.piece(0, { ...piece, from: 0, next: 4, text: "\u001b[1m" });
    printer.piece(0, { ...piece, from: 4, next: 6, text: "\ufffd\ufffd" });
    printer.piece(0, { ...piece, from: 6, next: 9, text: "end" });
    printer.heading("for people");
    await printer.finish();
    expect(bytes().toString("latin1")).toBe("\u001b[1m\xff\xfeend");
  });

  test("says what was left out, and takes the text where the bytes are gone", async () => {
    const { printer, bytes } = pipe(async () => {
      throw new Error("gone");
    });
    printer.piece(0, { ...piece, from: 90, next: 91, text: "\ufffd", skipped: 80 });
    await printer.finish();
    expect(bytes().toString()).toBe("\n[instep: 80 bytes left out]\n\ufffd");
  });
});
