/** Finds places in lines: a text at once, an expression in a worker that is ended when it takes too long. */
import type { Clock } from "../../../../index.js";
import type { Range } from "../lines/stretches.js";
import type { PatternQuestion } from "./patternRanges.js";

export interface Query {
  readonly text: string;
  readonly isPattern: boolean;
}

/** For each text the places in it; null where that took too long, or the worker is missing. */
export type Places = readonly (readonly Range[])[] | null;

export interface Finder {
  find(texts: readonly string[]): Places | Promise<Places>;
  /** The worker did not come when it was last asked: a newer server has it under another name. */
  readonly isMissing: boolean;
  stop(): void;
}

export interface FinderParts {
  readonly clock: Clock;
  openWorker(): Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;
}

/** Where `isMissing` is true. */
export const MISSING_SEARCH =
  "A part of this page is missing, as after an upgrade: load the page again to search by expressions.";

/** For a few hundred lines: what is not done then would not be done in a lifetime either. */
const PATIENCE_MS = 1_500;

/** `problem`: a sentence for whoever typed it. Null where nothing is wanted. */
export function finderFor(
  { text, isPattern }: Query,
  parts: FinderParts,
): Finder | { readonly problem: string } | null {
  if (text === "") return null;
  if (!isPattern) return textFinder(text);
  try {
    new RegExp(text, "gi");
  } catch {
    return { problem: "This is not a valid expression." };
  }
  return patternFinder(text, parts);
}

function textFinder(text: string): Finder {
  const wanted = text.toLowerCase();
  const places = (line: string): Range[] => {
    const lower = line.toLowerCase();
    // A few letters change their length with their case: then the places would not fit.
    const where = lower.length === line.length ? lower : line;
    const found: Range[] = [];
    for (let at = where.indexOf(wanted); at !== -1; at = where.indexOf(wanted, at + wanted.length))
      found.push({ from: at, to: at + wanted.length });
    return found;
  };
  return { find: (texts) => texts.map(places), isMissing: false, stop: () => {} };
}

function patternFinder(pattern: string, { clock, openWorker }: FinderParts): Finder {
  let worker: ReturnType<FinderParts["openWorker"]> | null = null;
  let isMissing = false;
  let before: Promise<unknown> = Promise.resolve();
  const stop = () => {
    worker?.terminate();
    worker = null;
  };
  const ask = (question: PatternQuestion) =>
    new Promise<Places>((resolve) => {
      worker ??= openWorker();
      const cancel = clock.after(PATIENCE_MS, () => {
        stop();
        resolve(null);
      });
      worker.onmessage = ({ data }: MessageEvent<Places>) => {
        cancel();
        isMissing = false;
        resolve(data);
      };
      // Its own code does not throw, so this is the loading; the next question tries again.
      worker.onerror = () => {
        cancel();
        stop();
        isMissing = true;
        resolve(null);
      };
      worker.postMessage(question);
    });
  return {
    find(texts) {
      const answer = before.then(() => ask({ pattern, texts }));
      before = answer;
      return answer;
    },
    get isMissing() {
      return isMissing;
    },
    stop,
  };
}
