/** One command of a step: in its own process group, read at the pace of its reader, its end proven. Leaves nothing running. */
import { awakeOf } from "../state/awake.js";
import { whyNotStarted } from "./ends/notStarted.js";
import { startGate } from "./gate.js";
import { createOutputTail, type OutputTail } from "./outputTail.js";
import { type OutputEars, readOutput } from "./pipes.js";
import { PATIENCE_MS, type ProcessTools, stopGroup } from "./processGroup.js";
import { NO_REDACTION, type Redaction } from "./secrets/redaction.js";

export interface ProcessCommand extends Partial<OutputEars> {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the command and everything it started. */
  readonly signal: AbortSignal;
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry?: Promise<void>;
  readonly patienceMs?: number;
  /** `NAME=value` out of `env`, by which what left the group is found again. */
  readonly mark?: string;
  readonly redaction?: Redaction;
  /** Given the text of stdout. It then has a pipe of its own, and its order with stderr is not known. */
  captureStdout?: ((text: string) => void) | undefined;
  /** The group exists, and nothing runs in it before this has returned. */
  onGroup?(group: number): void;
}

export interface ProcessEnd {
  /** Null when a signal ended it, or when it did not start. */
  readonly exitCode: number | null;
  readonly endedBy: string | null;
  readonly timedOut: boolean;
  /** Why it did not start. */
  readonly notStarted: string | null;
  /** What could not be ended and may still run: "1234 (sleep)". */
  readonly survivors: readonly string[];
  readonly tail: OutputTail;
}

/** How long output may still come after the command has ended: a process that left the group may hold the pipe for ever. */
const LAST_OUTPUT_MS = 1_000;

/** Resolves when the command has ended and its group is gone. A step is over when its command is: what it left behind is stopped. */
export async function runProcess(
  command: ProcessCommand,
  tools: ProcessTools,
): Promise<ProcessEnd> {
  const tail = createOutputTail();
  if (command.signal.aborted) return ended(tail, { notStarted: "cancelled" });

  const { argv, cwd, env, captureStdout } = command;
  const gate = startGate({ argv, cwd, env, isStdoutApart: captureStdout !== undefined });
  if (gate.group === null) {
    const notStarted = whyNotStarted(command, await gate.why);
    return ended(tail, { notStarted });
  }

  const { group, exited } = gate;
  const forget = tools.onExit(() => tools.signalGroup(group, "SIGKILL"));
  let stopped: Promise<readonly string[]> | undefined;
  let giveUp = () => {};
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const stop = (isWanted: boolean) => {
    // Only who is told to stop also loses what left the group: a command that ends well may leave a daemon.
    const { hurry, patienceMs = PATIENCE_MS, mark } = command;
    stopped ??= stopGroup(group, tools, {
      patienceMs,
      ...(hurry && { hurry }),
      ...(isWanted && mark !== undefined && { mark }),
    });
    // Nobody waits for ever for what hangs in the kernel.
    void stopped.then((survivors) => survivors.length > 0 && giveUp());
    return stopped;
  };
  let timedOut = false;
  const onAbort = () => void stop(true);
  const onTimeout = () => {
    timedOut = true;
    void stop(true);
  };
  const cancelTimeout =
    command.timeoutMs === undefined
      ? () => {}
      : awakeOf(tools.clock).after(command.timeoutMs, onTimeout);
  command.signal.addEventListener("abort", onAbort, { once: true });
  command.onGroup?.(group);
  const reading = readOutput(
    await gate.output(),
    {
      onRaw: command.onRaw,
      onText: (text, bytes) => {
        tail.add(text);
        command.onText?.(text, bytes);
      },
      onOutput: command.onOutput,
      onFirst: captureStdout,
    },
    command.redaction ?? NO_REDACTION,
  );
  gate.open();

  await Promise.race([exited, givenUp]);
  cancelTimeout();
  const survivors = await stop(false);
  const cancelWait = reading.within(LAST_OUTPUT_MS, tools.clock);
  await reading.closed;
  cancelWait();
  await reading.finish();
  command.signal.removeEventListener("abort", onAbort);
  forget();
  // One that cannot be ended has no exit.
  const exit = await Promise.race([exited, null]);
  return ended(tail, {
    exitCode: exit?.code ?? null,
    endedBy: exit?.signal ?? null,
    timedOut,
    survivors,
  });
}

function ended(tail: OutputTail, how: Partial<ProcessEnd>): ProcessEnd {
  return {
    exitCode: null,
    endedBy: null,
    timedOut: false,
    notStarted: null,
    survivors: [],
    tail,
    ...how,
  };
}
