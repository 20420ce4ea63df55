/** The server's log where a person looks at it: a line for each thing, in words. */
import { expect, test } from "vitest";
import type { CliContext } from "../../../../server/cli/process/context.js";
import { createLogger } from "../../../../server/cli/serve/logger.js";

function logIn(isTTY: boolean, isJson?: boolean) {
  const lines: string[] = [];
  const stderr = { isTTY, columns: 80, write: (text: string) => lines.push(text) };
  const context = { env: { NO_COLOR: "1" }, stderr } as unknown as CliContext;
  return { log: createLogger("info", context, isJson), lines };
}

test("the log in a terminal is a line of words, with what matters behind them", () => {
  const { log, lines } = logIn(true);
  log.warn({ file: "a.yaml", line: 3, field: null, what: "two words" }, "not a definition");
  log.error({ err: Object.assign(new Error("no space left"), { code: "ENOSPC" }) }, "not saved");
  log.info({ evil: "\u001b[2J\nroot" }, "hello");
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""))).toEqual([
    'warn  not a definition file=a.yaml line=3 field=null what="two words"\n',
    "error not saved: no space left\n",
    'info  hello evil="\\u001b[2J\\nroot"\n',
  ]);
});

test("the log in a pipe, and where JSON is asked for, is JSON with everything", () => {
  for (const { log, lines } of [logIn(false), logIn(true, true)]) {
    log.error({ err: new Error("no space left") }, "not saved");
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 50,
      msg: "not saved",
      err: { message: "no space left", stack: expect.stringContaining("logger.test") },
    });
  }
});
