/** One command of a step: in its own process group, read at the pace of its reader, its end proven. Leaves nothing running. */
import { awakeOf } from "../../time/awake.js";
import { type StopManner, USUAL_STOP } from "../definition/stopManner.js";
import { whyNotStarted } from "../programs/notStarted.js";
import { NO_REDACTION, type Redaction } from "../secrets/redaction.js";
import { createOutputTail, type OutputTail } from "../step/reading/lastLines.js";
import { notWithin } from "./endingTeller.js";
import { startGate } from "./gate.js";
import { type EndingNews, GroupEnding } from "./groupEnding.js";
import { type OutputEars, readOutput } from "./pipes.js";
import type { ProcessTools } from "./processGroup.js";
import { openTerminal } from "./terminal.js";

export interface ProcessCommand extends Partial<OutputEars> {
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
  /** What it leaves running when it succeeds lives on. */
  readonly leaves?: boolean;
  /** `NAME=value` out of `env`, by which what left the group is found again. */
  readonly mark?: string;
  readonly redaction?: Redaction;
  /** What it prints goes to a pseudo-terminal. */
  readonly tty?: boolean | undefined;
  /** Given the text of stdout. It then has a pipe of its own, and its order with stderr is not known. */
  captureStdout?: ((text: string) => void) | undefined;
  /** The group exists, and nothing runs in it before this has returned. */
  onGroup?(group: number): void;
  /** What is to be said of how it ends, and of what it leaves. */
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
  /** What could not be ended and may still run: "1234 (sleep)". */
  readonly survivors: readonly string[];
  readonly tail: OutputTail;
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
  const tail = createOutputTail();
  if (command.signal.aborted) return ended(tail, { notStarted: "cancelled" });
  if (command.problem) return ended(tail, { notStarted: command.problem });

  const { argv, cwd, env, captureStdout } = command;
  const terminal = command.tty ? await openTerminal(env, tools.clock) : null;
  if (terminal !== null && terminal.problem !== null)
    return ended(tail, { notStarted: terminal.problem });
  if (command.signal.aborted) {
    terminal?.output.destroy();
    return ended(tail, { notStarted: "cancelled" });
  }
  const isStdoutApart = captureStdout !== undefined;
  const gate = startGate({ argv, cwd, env, isStdoutApart, ...(terminal && { terminal }) });
  if (gate.group === null) {
    terminal?.output.destroy();
    const notStarted = whyNotStarted(command, await gate.why);
    return ended(tail, { notStarted });
  }

  const { group, exited } = gate;
  const forget = tools.onExit(() => tools.signalGroup(group, "SIGKILL"));
  const { hurry, mark, stop: manner = USUAL_STOP, onEnding } = command;
  let killed: string | null = null;
  const tell = (news: EndingNews) => {
    if (news.kind === "killed") killed = notWithin(news.afterMs, manner);
    onEnding?.(news);
  };
  const ending = new GroupEnding(group, tools, { manner, hurry, mark, tell });
  let timedOut = false;
  const onAbort = () => void ending.stop();
  const onTimeout = () => {
    timedOut = true;
    void ending.stop(true);
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
  command.signal.removeEventListener("abort", onAbort);
  forget();
  // One that cannot be ended has no exit.
  const exit = await Promise.race([exited, null]);
  return ended(tail, {
    exitCode: exit?.code ?? null,
    endedBy: exit?.signal ?? null,
    timedOut,
    killed,
    survivors: (await ending.stopped) ?? survivors,
  });
}

function ended(tail: OutputTail, how: Partial<ProcessEnd>): ProcessEnd {
  return {
    exitCode: null,
    endedBy: null,
    timedOut: false,
    killed: null,
    notStarted: null,
    survivors: [],
    tail,
    ...how,
  };
}
