/** Why a command did not succeed, in one sentence: its own, where it said one, with how it ended beside it. */
import { exactDuration } from "../../../shared/text/duration.js";
import type { CommandProblem } from "../programs/commandProblem.js";
import type { ProcessEnd } from "./process.js";
import { signalOfCode, signalWords } from "./signalReasons.js";

export interface CommandWords {
  /** Said to us: `::error::`. */
  readonly said: string | null;
  /** The line of its output that looks like its error. */
  readonly printed: string | null;
}

export interface CommandFindings {
  readonly problem: CommandProblem | null;
  /** The kernel ended a process of ours for lack of memory meanwhile. */
  readonly isMemoryShort: boolean;
  /** It is a program that gives 255 where its connection failed. */
  readonly isSsh: boolean;
}

/** Null when it succeeded. What ended it from outside comes first: what it had printed need not be the reason. `find` is asked only where it failed by itself. */
export function whyFailed(
  end: ProcessEnd,
  timeoutMs: number | undefined,
  words: CommandWords,
  find: () => CommandFindings,
): string | null {
  if (end.notStarted !== null) {
    if (!end.timedOut) return didNotStart(end.notStarted);
    return `${tooLong(timeoutMs)} before it began: ${end.notStarted}`;
  }
  const late = end.killed === null ? "" : `; it ${end.killed}`;
  const why = end.timedOut ? `${tooLong(timeoutMs)}${late}` : whyByItself(end, words, find);
  if (end.survivors.length === 0) return why;
  return `${why ?? "it ended"}; ${stillRunning(end.survivors)}`;
}

export const didNotStart = (why: string): string => `did not start: ${why}`;

export const stillRunning = (survivors: readonly string[]): string =>
  `could not be ended and may still be running: ${survivors.join(", ")}`;

export const tooLong = (timeoutMs: number | undefined): string =>
  `took longer than ${exactDuration(timeoutMs ?? 0)} and was stopped`;

function whyByItself(
  { endedBy, exitCode }: ProcessEnd,
  { said, printed }: CommandWords,
  find: () => CommandFindings,
): string | null {
  if (endedBy !== null)
    return behind(`was ended by ${signalWords(endedBy, find().isMemoryShort)}`, printed);
  if (exitCode === 0 || exitCode === null) return null;
  return said ?? exitWords(exitCode, printed, find());
}

const SSH_FAILED = 255;

function exitWords(
  code: number,
  printed: string | null,
  { problem, isMemoryShort, isSsh }: CommandFindings,
): string {
  if (problem?.saysAll) return `${problem.words} (exit code ${code})`;
  if (problem) return `${behind(`exit code ${code}`, printed)}; ${problem.words}`;
  if (isSsh && code === SSH_FAILED) {
    const connection = "the connection to the other machine failed or broke";
    return printed === null
      ? `exit code ${code}: ${connection}`
      : `${printed} (exit code ${code}: ${connection})`;
  }
  const signal = signalOfCode(code, isMemoryShort);
  if (signal !== null) {
    const isFact = signal.startsWith("ended");
    return behind(`exit code ${code}${isFact ? ":" : ","} ${signal}`, printed);
  }
  if (printed !== null) return `${printed} (exit code ${code})`;
  // Shells give these two codes a meaning of their own (POSIX, 2.8.2).
  if (code === 127) return "exit code 127: there is no such command";
  if (code === 126) return "exit code 126: the command cannot be executed";
  return `exit code ${code}`;
}

const behind = (why: string, printed: string | null): string =>
  printed === null ? why : `${why}: ${printed}`;
