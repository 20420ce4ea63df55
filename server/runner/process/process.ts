/** One command of a step: in its own process group, read at the pace of its reader, its end proven. Leaves nothing running. */
import { whyNotStarted } from "../programs/notStarted.js";
import { NO_REDACTION, type Redaction } from "../secrets/redaction.js";
import { type Gate, startGate } from "./gate.js";
import { GroupEnding } from "./groupEnding.js";
import { type OutputListeners, readOutput } from "./pipes.js";
import type { ProcessTools } from "./processGroup.js";
import { openTerminal, type Terminal } from "./terminal.js";
import { type Watched, watchOver } from "./watchOver.js";

export interface ProcessCommand extends Omit<OutputListeners, "onFirst">, Watched {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Why it cannot be started at all. */
  readonly problem?: string | null;
  /** Processes that it leaves running when it succeeds live on. */
  readonly leaves?: boolean;
  readonly redaction?: Redaction;
  /** Its output goes to a pseudo-terminal. */
  readonly tty?: boolean | undefined;
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
  /** `did not end within 10s of SIGTERM and was killed`: it, or some of what it started. */
  readonly killed: string | null;
  /** Why it did not start. */
  readonly notStarted: string | null;
  /** Processes that could not be ended and may still run: "1234 (sleep)". */
  readonly survivors: readonly string[];
}

/** How long output may still come after the command has ended: a process that left the group may hold the pipe for ever. */
export const LAST_OUTPUT_MS = 1_000;
/** The same, where it is meant to stay. */
export const LEFT_OUTPUT_MS = 200;

/** Resolves when the command has ended and its group is gone. A step is over when its command is: what it left behind is stopped. */
export async function runProcess(
  command: ProcessCommand,
  tools: ProcessTools,
): Promise<ProcessEnd> {
  const started = await start(command, tools);
  if ("notStarted" in started) return { ...NOT_RUN, ...started };
  return run(command, started, tools);
}

/** Behind its gate nothing of the command runs yet. */
interface Started {
  readonly gate: Gate;
  /** The terminal it prints to, where it has one. */
  readonly terminal: Terminal | null;
}

async function start(
  command: ProcessCommand,
  { clock }: ProcessTools,
): Promise<Started | { readonly notStarted: string }> {
  const { argv, cwd, env, signal, captureStdout } = command;
  if (signal.aborted) return { notStarted: "cancelled" };
  if (command.problem) return { notStarted: command.problem };
  const terminal = command.tty ? await openTerminal(env, clock) : null;
  if (terminal !== null && terminal.problem !== null) return { notStarted: terminal.problem };
  if (signal.aborted) {
    terminal?.output.destroy();
    return { notStarted: "cancelled" };
  }
  const isStdoutApart = captureStdout !== undefined;
  const gate = startGate({ argv, cwd, env, isStdoutApart, ...(terminal && { terminal }) });
  if (gate.group !== null) return { gate, terminal };
  terminal?.output.destroy();
  return { notStarted: whyNotStarted(command, await gate.why) };
}

async function run(
  command: ProcessCommand,
  { gate, terminal }: Started,
  tools: ProcessTools,
): Promise<ProcessEnd> {
  const { group, exited } = gate;
  const forget = tools.onExit(() => tools.signalGroup(group, "SIGKILL"));
  const { ending, tell, cancelTimeout, end } = watchOver(
    (options) => new GroupEnding(group, tools, options),
    command,
    tools.clock,
  );
  command.onGroup?.(group);
  const { onRaw, onText, onOutput, captureStdout: onFirst } = command;
  const reading = readOutput(
    await gate.output(),
    { onRaw, onText, onOutput, onFirst },
    command.redaction ?? NO_REDACTION,
  );
  gate.open();

  const over = await Promise.race([exited, ending.givenUp]);
  cancelTimeout();
  const leaves = command.leaves === true && over?.code === 0;
  const survivors = await ending.over(leaves);
  terminal?.end();
  const lastMs = leaves ? LEFT_OUTPUT_MS : LAST_OUTPUT_MS;
  const cancelWait = reading.within(lastMs, tools.clock, () => tell({ kind: "output held" }));
  await reading.closed;
  cancelWait();
  await reading.finish();
  const stopped = end();
  forget();
  // A process that cannot be ended has no exit.
  const exit = await Promise.race([exited, null]);
  return {
    ...NOT_RUN,
    exitCode: exit?.code ?? null,
    endedBy: exit?.signal ?? null,
    ...stopped,
    survivors: (await ending.stopped) ?? survivors,
  };
}

/** The end of a command that never ran, for what is known of one to be put over it. */
export const NOT_RUN: ProcessEnd = {
  exitCode: null,
  endedBy: null,
  timedOut: false,
  killed: null,
  notStarted: null,
  survivors: [],
};
