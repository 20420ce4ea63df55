/** Why a command did not succeed, in one sentence: its own, where it said one, with how it ended beside it. */
import { formatDuration } from "../duration.js";
import type { ProcessEnd } from "./process.js";

export interface CommandWords {
  /** Said to us: `::error::`. */
  readonly said: string | null;
  /** Of what it printed, the line that looks like its error. */
  readonly printed: string | null;
}

/** Null when it succeeded. What ended it from outside comes first: what it had printed need not be the reason. */
export function whyFailed(
  end: ProcessEnd,
  timeoutMs: number | undefined,
  { said, printed }: CommandWords,
): string | null {
  if (end.notStarted !== null) return `did not start: ${end.notStarted}`;
  const why = end.timedOut
    ? tooLong(timeoutMs)
    : end.endedBy !== null
      ? behind(`was ended by ${end.endedBy}`, printed)
      : end.exitCode === 0
        ? null
        : (said ?? exitWords(end.exitCode, printed));
  if (end.survivors.length === 0) return why;
  return `${why ?? "it ended"}; ${stillRunning(end.survivors)}`;
}

export const stillRunning = (survivors: readonly string[]): string =>
  `could not be ended and may still be running: ${survivors.join(", ")}`;

export const tooLong = (timeoutMs: number | undefined): string =>
  `took longer than ${formatDuration(timeoutMs ?? 0)} and was stopped`;

/** Shells give 128 and the number of the signal that ended a command (POSIX, 2.8.2). */
const SIGNALS: Readonly<Record<number, string>> = {
  129: "SIGHUP",
  130: "SIGINT",
  131: "SIGQUIT",
  132: "SIGILL",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  141: "SIGPIPE",
  143: "SIGTERM",
};

function exitWords(code: number | null, printed: string | null): string {
  const signal = SIGNALS[code ?? 0];
  if (signal !== undefined) return behind(`exit code ${code}, as after ${signal}`, printed);
  if (printed !== null) return `${printed} (exit code ${code})`;
  // What a shell means by these two.
  if (code === 127) return "exit code 127: there is no such command";
  if (code === 126) return "exit code 126: the command cannot be executed";
  return `exit code ${code}`;
}

const behind = (why: string, printed: string | null): string =>
  printed === null ? why : `${why}: ${printed}`;
