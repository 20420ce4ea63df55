/** The built command `instep` in the test's own process: all that it says and ends with, without what starting Node costs. For signals to a process, pipes and exit codes there is `cliTest`. */
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";

import type { CliContext, EndSignal, Output } from "../../../server/cli/process/context.js";
import { within } from "../deadline.js";
import { builtTest, type Calls, environmentIn, MAIN, serveWith } from "./builtCommand.js";
import { type CalledInstep, Said } from "./calledInstep.js";

// The built files, as they are shipped: the sources would be compiled anew for each file of tests.
const { runCli, runsOnExit, signalGroup, systemClock, terminalInput } = createRequire(
  import.meta.url,
)(
  path.join(path.dirname(MAIN), "../command/command.cjs"),
) as typeof import("../../../server/cli/command.js");

const END_SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

interface CallOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Calls the command. Whoever calls it sees to its end. */
export function callInstep(args: readonly string[], { cwd, env }: CallOptions): CalledInstep {
  const said = new Said();
  const output = (stream: "stdout" | "stderr"): Output => ({
    write: (text) => said.add(stream, Buffer.from(text as string)),
    drained: async () => {},
    outliveReader: () => {},
    isTTY: false,
    columns: 80,
    rows: 24,
  });
  const stdin = new PassThrough();
  const stderr = output("stderr");
  const shown = { write: (text: string) => stderr.write(text) };
  const listeners = new Set<(signal: EndSignal) => void>();
  const exiting = new EventEmitter();
  const context: CliContext = {
    program: { node: process.execPath, main: MAIN },
    env,
    cwd,
    ...(env.HOME !== undefined && { home: env.HOME }),
    pid: process.pid,
    hostname: hostname(),
    stdout: output("stdout"),
    stderr,
    input: terminalInput(
      stdin as unknown as ReadStream,
      shown as unknown as WriteStream,
      systemClock,
      () => {},
    ),
    clock: systemClock,
    random: Math.random,
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onExit: runsOnExit(exiting),
    signalGroup,
  };
  const exitCode = runCli(args, "1.2.3", context).finally(() => {
    exiting.emit("exit");
    said.end();
  });
  // Whoever waits for the end hears of a bug; the others do at the end of the test.
  exitCode.catch(() => {});
  return {
    pid: process.pid,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    bytes: () => said.bytes,
    until: (pattern) => said.until(pattern),
    signal: (signal) => {
      if (!END_SIGNALS.includes(signal)) throw new Error(`${signal} is for a process of its own`);
      for (const listener of [...listeners]) listener(signal as EndSignal);
    },
    type: (text) => void stdin.end(text),
    exitCode,
  };
}

/** A test whose calls run in its own process, but for those of `built`. */
export const commandTest = builtTest.extend<Calls>({
  instep: async ({ folder }, use) => {
    const called: CalledInstep[] = [];
    await use((args, more) => {
      const call = callInstep(args, { cwd: folder, env: environmentIn(folder, more) });
      called.push(call);
      return call;
    });
    await Promise.all(called.map(ended));
  },

  serve: async ({ instep }, use) => use((...flags) => serveWith(instep, flags)),
});

/** Asks a call to end until it does: what waits for its end hears a second signal, of another name, as another press. */
async function ended(call: CalledInstep): Promise<void> {
  let next = 0;
  const ask = () => call.signal(next++ % 2 === 0 ? "SIGTERM" : "SIGINT");
  ask();
  const again = setInterval(ask, 1_000);
  try {
    await within(call.exitCode, () => `the end of a call: ${call.stdout()} ${call.stderr()}`);
  } finally {
    clearInterval(again);
  }
}
