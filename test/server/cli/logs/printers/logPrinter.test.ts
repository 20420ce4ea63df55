import { describe, expect, test } from "vitest";
import type { InstepClient } from "../../../../../client/index.js";
import { createLogPrinter } from "../../../../../server/cli/logs/printers/logPrinter.js";
import type { CliContext } from "../../../../../server/cli/process/context.js";

describe("output in a terminal without colours", () => {
  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("has none, of nobody's: %j", async (env) => {
    let written = "";
    const write = (chunk: string) => {
      written += chunk;
    };
    const stdout = { write, drained: async () => {}, isTTY: true, columns: 80, rows: 24 };
    const context = { stdout, env } as unknown as Pick<CliContext, "stdout" | "env">;
    const printer = createLogPrinter({ workflow_id: "w", epoch: "e" }, {} as InstepClient, context);
    printer.heading("── copy ──");
    printer.piece(0, { attempt: 1, skipped: 0, from: 0, next: 9, text: "\u001b[31mred\n" });
    await printer.finish();
    expect(written).toBe("── copy ──\nred\n");
  });
});

test("another step, another attempt and a gap begin on a line of their own", async () => {
  let written = "";
  const write = (chunk: string) => {
    written += chunk;
  };
  const stdout = { write, drained: async () => {}, isTTY: true, columns: 80, rows: 24 };
  const context = { stdout, env: { NO_COLOR: "1" } } as unknown as Pick<
    CliContext,
    "stdout" | "env"
  >;
  const printer = createLogPrinter({ workflow_id: "w", epoch: "e" }, {} as InstepClient, context);
  const piece = { skipped: 0, from: 0, next: 3 };
  printer.piece(0, { ...piece, attempt: 1, text: "one" });
  printer.piece(0, { ...piece, attempt: 2, text: "\u001b[2Atwo" });
  printer.piece(0, { ...piece, attempt: 2, text: "three\n", from: 90, skipped: 80 });
  printer.heading("── copy ──");
  printer.piece(1, { ...piece, attempt: 1, text: "four" });
  await printer.finish();
  expect(written.replace("\r\u001b[J", "")).toBe(
    "one\ntwo\n[instep: 80 bytes left out]\nthree\n── copy ──\nfour\n",
  );
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

  test("output in a pipe is what the command printed, also where that is no text, in order", async () => {
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

  test("output in a pipe says what was left out, and takes the text where the bytes are gone", async () => {
    const { printer, bytes } = pipe(async () => {
      throw new Error("gone");
    });
    printer.piece(0, { ...piece, from: 90, next: 91, text: "\ufffd", skipped: 80 });
    await printer.finish();
    expect(bytes().toString()).toBe("\n[instep: 80 bytes left out]\n\ufffd");
  });
});
