/** Says how a command was ended and what it left, in its step's log and as a note on the step. */
import { counted } from "../../../shared/text/counted.js";
import { exactDuration } from "../../../shared/text/duration.js";
import { SHUTDOWN_PATIENCE_MS, type StopManner } from "../definition/stopManner.js";
import type { EndingNews } from "./groupEnding.js";

export interface EndingTellerParts {
  readonly manner: StopManner;
  /** Why it is told to end; null where nothing is to be said of that. */
  why(tookTooLong: boolean): StopWords | null;
  /** A line of its own in the log. */
  say(words: string): void;
  /** One note, which changes; null takes it away. */
  note(words: string | null): void;
}

export interface StopWords {
  readonly words: string;
  /** The most patience that is left, however much the step may have. */
  readonly longestMs: number;
}

/** `timeoutMs`: what it has taken longer than; otherwise the signal says why. */
export function stopWords(
  { reason }: AbortSignal,
  timeoutMs: number | undefined,
): StopWords | null {
  if (timeoutMs !== undefined)
    return { words: `took longer than ${time(timeoutMs)}`, longestMs: Infinity };
  const why = reason instanceof Error ? reason.message : "";
  // Then it is somebody else's log.
  if (why === "lost") return null;
  if (why === "shutdown") return { words: "the server stops", longestMs: SHUTDOWN_PATIENCE_MS };
  const isAsked = why === "cancel" || why === "at once";
  return { words: isAsked ? "cancelled" : why || "stopped", longestMs: Number.POSITIVE_INFINITY };
}

/** At most so many processes are named. */
const MOST_NAMES = 5;

export function createEndingTeller(parts: EndingTellerParts): (news: EndingNews) => void {
  const { say, note, why } = parts;
  const { signal } = parts.manner;
  let killed: { readonly words: string; readonly names: readonly string[] } | null = null;
  let isNoted = false;
  const noted = (words: string | null) => {
    if (words === null && !isNoted) return;
    isNoted = words !== null;
    note(words);
  };
  const both = (line: string, sentence = capital(line)) => {
    say(line);
    noted(`${sentence}.`);
  };

  return (news) => {
    switch (news.kind) {
      case "told": {
        const told = why(news.tookTooLong);
        if (!told) return;
        const patienceMs = Math.min(parts.manner.patienceMs, told.longestMs);
        const then = signal === "SIGKILL" ? "" : `; SIGKILL follows in ${time(patienceMs)}`;
        return say(`${told.words}: told to end by ${signal}${then}`);
      }
      case "out of reach": {
        const told = why(news.tookTooLong);
        return told ? say(`${told.words}: ends once ${news.machine} is reached`) : undefined;
      }
      case "waiting":
        return both(`waiting for ${listed(news.names)} to end`);
      case "killed":
        killed = {
          words: notWithin(news.afterMs, parts.manner, news.names.length),
          names: news.names,
        };
        return both(`${listed(news.names)} ${killed.words}`);
      case "gone": {
        const { left } = news;
        if (left.length > 0) {
          const ended = `ended ${counted(left.length, "process", "processes")} it left: ${listed(left)}`;
          return both(
            ended,
            killed ? `${capital(ended)}; ${listed(killed.names)} ${killed.words}` : undefined,
          );
        }
        if (!killed) noted(null);
        return;
      }
      case "left running":
        return both(`left running on purpose: ${listed(news.names)}`);
      case "outside":
        return both(`lives on, outside of the command's process group: ${listed(news.names)}`);
      case "output held":
        return say("what still holds this output is not read any more: send its output to a file");
    }
  };
}

/** `did not end within 10s of SIGTERM and was killed`. */
export const notWithin = (afterMs: number, { signal, patienceMs }: StopManner, count = 1): string =>
  `did not end within ${time(Math.min(afterMs, patienceMs))} of ${signal} and ${count === 1 ? "was" : "were"} killed`;

/** `1234 (sleep), 1235 (sh) and 3 more`. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const first = names.slice(0, MOST_NAMES).join(", ");
  return more > 0 ? `${first} and ${more} more` : first;
}

/** A time that was measured is not told to the millisecond. */
const time = (ms: number): string =>
  exactDuration(ms < 1_000 ? Math.round(ms) : Math.round(ms / 100) * 100);

const capital = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);
