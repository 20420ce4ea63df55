/** One command of a step: `/bin/sh -c` in its own process group, its output kept as a bounded tail. Leaves nothing running. */
import { execa } from "execa";
import type { CliContext } from "./context.js";
import { createOutputTail, type OutputTail } from "./outputTail.js";
import { readOutput } from "./pipes.js";
import { stopGroup } from "./processGroup.js";

export interface ShellCommand {
  readonly run: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the command and everything it started. */
  readonly signal: AbortSignal;
  /** The newest line, at most once for each piece of output. */
  onLine(line: string): void;
  /** Both streams as they come. While it does not resolve the command is not read from, so that it waits as well. */
  onOutput?(bytes: Uint8Array): Promise<void>;
}

export interface ShellEnd {
  /** Null when a signal ended it, or when it did not start. */
  readonly exitCode: number | null;
  readonly endedBy: string | null;
  readonly timedOut: boolean;
  /** Why it did not start. */
  readonly notStarted: string | null;
  readonly tail: OutputTail;
}

/** How long output may still come after the command has ended: a process that left the group may hold the pipe for ever. */
const LAST_OUTPUT_MS = 1_000;

type ShellTools = Pick<CliContext, "clock" | "signalGroup" | "onExit">;

/** Resolves when the command has ended and its group is gone. A step is over when its command is: what it left behind is stopped. */
export async function runShell(command: ShellCommand, tools: ShellTools): Promise<ShellEnd> {
  const tail = createOutputTail();
  if (command.signal.aborted) return ended(tail, { notStarted: "cancelled" });

  const child = execa("/bin/sh", ["-c", command.run], {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    // Its own group, so that a signal reaches what the command started as well. execa then cleans up nothing: we do.
    detached: true,
    cleanup: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
  });
  const group = child.pid;
  if (group === undefined) {
    const { originalMessage } = await child;
    return ended(tail, { notStarted: originalMessage ?? "unknown reason" });
  }

  const forget = tools.onExit(() => tools.signalGroup(group, "SIGKILL"));
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopGroup(group, tools);
    return stopped;
  };
  let timedOut = false;
  const onTimeout = () => {
    timedOut = true;
    void stop();
  };
  const cancelTimeout =
    command.timeoutMs === undefined ? () => {} : tools.clock.after(command.timeoutMs, onTimeout);
  command.signal.addEventListener("abort", stop, { once: true });
  const reading = readOutput(child, command, tail);

  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
  cancelTimeout();
  await stop();
  const cancelWait = reading.within(LAST_OUTPUT_MS, tools.clock);
  const result = await child;
  cancelWait();
  command.signal.removeEventListener("abort", stop);
  forget();
  return ended(tail, {
    exitCode: result.exitCode ?? null,
    endedBy: result.signal ?? null,
    timedOut,
  });
}

function ended(tail: OutputTail, how: Partial<ShellEnd>): ShellEnd {
  return { exitCode: null, endedBy: null, timedOut: false, notStarted: null, tail, ...how };
}
