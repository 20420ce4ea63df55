/** The command line in this process: one call, with a terminal or pipes as the test wants them, and all that it wrote. */
import type { CliContext, Output } from "../../../server/cli/process/context.js";
import { runCli } from "../../../server/cli/program.js";
import { type Clock, systemClock } from "../../../shared/clock.js";

export interface CallOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Where stdout goes: a pipe where it is missing. */
  readonly columns?: number;
  /** The lines that a person types; a pipe without any where it is missing. */
  readonly typed?: readonly (string | (() => Promise<string>))[];
  /** @default the system's */
  readonly clock?: Clock;
}

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves once the call has ended. */
export async function commandLine(
  args: readonly string[],
  { env = {}, cwd = "/", columns, typed, clock = systemClock }: CallOptions = {},
): Promise<Said> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Output => ({
    write: (text) => {
      written[name] += typeof text === "string" ? text : Buffer.from(text).toString();
    },
    drained: async () => {},
    outliveReader: () => {},
    isTTY: columns !== undefined,
    columns: columns ?? 80,
    rows: 24,
  });
  const lines = [...(typed ?? [])];
  const context: CliContext = {
    env,
    cwd,
    pid: process.pid,
    hostname: "here",
    stdout: output("stdout"),
    stderr: output("stderr"),
    input: {
      isTTY: typed !== undefined,
      line: async (question) => {
        if (typed) written.stderr += question;
        const line = lines.shift() ?? null;
        return typeof line === "function" ? line() : line;
      },
    },
    clock,
    random: Math.random,
    onSignal: () => () => {},
    onExit: () => () => {},
    signalGroup: () => false,
  };
  const code = await runCli(args, "1.2.3", context);
  return { code, ...written };
}
