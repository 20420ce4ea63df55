/** One command of a step: in its own process group, read at the pace of its reader, its end proven. Leaves nothing running. */
import { awakeOf } from "../../time/awake.js";
import { type StopManner, USUAL_STOP } from "../definition/stopManner.js";
import { whyNotStarted } from "../programs/notStarted.js";
import { NO_REDACTION, type Redaction } from "../secrets/redaction.js";
import { notWithin } from "./endingTeller.js";
import { type Gate, startGate } from "./gate.js";
import { type EndingNews, GroupEnding } from "./groupEnding.js";
import { type OutputListeners, readOutput } from "./pipes.js";
import type { ProcessTools } from "./processGroup.js";
import { openTerminal, type Terminal } from "./terminal.js";

export interface ProcessCommand extends Omit<OutputListeners, "onFirst"> {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Why it cannot be started at all. */
  readonly problem?: string | null;
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the command and everything it started. */
  readonly signal: AbortSignal;
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry?: Promise<void>;
  /** @default SIGTERM, and SIGKILL ten seconds later */
  readonly stop?: StopManner;
  /** Processes that it leaves running when it succeeds live on. */
  readonly leaves?: boolean;
  /** `NAME=value` out of `env`, by which what left the group is found again. */
  readonly mark?: string;
  readonly redaction?: Redaction;
  /** Its output goes to a pseudo-terminal. */
  readonly tty?: boolean | undefined;
  /** Given the text of stdout. It then has a pipe of its own, and its order with stderr is not known. */
  captureStdout?: ((text: string) => void) | undefined;
  /** The group exists, and nothing runs in it before this has returned. */
  onGroup?(group: number): void;
  /** Told of how it ends, and of the processes that it leaves. */
  onEnding?(news: EndingNews): void;
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
const LAST_OUTPUT_MS = 1_000;
/** The same, where it is meant to stay. */
const LEFT_OUTPUT_MS = 200;

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
  const { ending, tell, cancelTimeout, end } = watchOver(group, command, tools);
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

/** Ends the group where somebody or its time wants that, until `end`, which says what became of it. */
function watchOver(
  group: number,
  { signal, timeoutMs, hurry, mark, stop: manner = USUAL_STOP, onEnding }: ProcessCommand,
  tools: ProcessTools,
) {
  let killed: string | null = null;
  let timedOut = false;
  const tell = (news: EndingNews) => {
    if (news.kind === "killed") killed = notWithin(news.afterMs, manner);
    onEnding?.(news);
  };
  const ending = new GroupEnding(group, tools, { manner, hurry, mark, tell });
  const onAbort = () => void ending.stop();
  const onTimeout = () => {
    timedOut = true;
    void ending.stop(true);
  };
  const cancelTimeout =
    timeoutMs === undefined ? () => {} : awakeOf(tools.clock).after(timeoutMs, onTimeout);
  signal.addEventListener("abort", onAbort, { once: true });
  const end = () => {
    signal.removeEventListener("abort", onAbort);
    return { timedOut, killed };
  };
  return { ending, tell, cancelTimeout, end };
}

const NOT_RUN: ProcessEnd = {
  exitCode: null,
  endedBy: null,
  timedOut: false,
  killed: null,
  notStarted: null,
  survivors: [],
};
