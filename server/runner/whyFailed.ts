/** Why a command did not succeed, in a few words: its own, where it said some. */
import { formatDuration } from "../duration.js";
import type { ProcessEnd } from "./process.js";

/** `said` by the command itself (`::error::`). Null when it succeeded. */
export function whyFailed(
  end: ProcessEnd,
  timeoutMs: number | undefined,
  said: string | null,
): string | null {
  if (end.notStarted !== null) return `did not start: ${end.notStarted}`;
  const why = end.timedOut
    ? tooLong(timeoutMs)
    : end.endedBy !== null
      ? `was ended by ${end.endedBy}`
      : end.exitCode === 0
        ? null
        : (said ?? exitCodeWords(end.exitCode));
  if (end.survivors.length === 0) return why;
  return `${why ?? "it ended"}; ${stillRunning(end.survivors)}`;
}

export const stillRunning = (survivors: readonly string[]): string =>
  `could not be ended and may still be running: ${survivors.join(", ")}`;

export const tooLong = (timeoutMs: number | undefined): string =>
  `took longer than ${formatDuration(timeoutMs ?? 0)} and was stopped`;

/** What a shell means by these two (POSIX, 2.8.2). */
function exitCodeWords(code: number | null): string {
  if (code === 127) return "exit code 127: there is no such command";
  if (code === 126) return "exit code 126: the command cannot be executed";
  return `exit code ${code}`;
}
