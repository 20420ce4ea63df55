/** One followed output as React reads it: the newest text of the newest attempt, within a bound. */
import type { LogAway, LogEnd, LogListener, LogPiece, LogPlace } from "../index.js";
import type { ClientHolder } from "./clientHolder.js";

/** Never changed in place: a new view is a new object. */
export interface LogView {
  /** Null before anything was told. */
  readonly attempt: number | null;
  /** Whole characters, as the command printed them, with what a terminal would read of them. */
  readonly text: string;
  /** Whether `text` begins with the attempt's first byte, and nothing is left out in it. */
  readonly isWhole: boolean;
  /** Null while more may come. */
  readonly end: LogEnd | null;
  /** Why nothing comes, as one sentence, where waiting alone does not help; else null. */
  readonly problem: string | null;
  /** In a cluster: the node that keeps the output is not reached; else null. */
  readonly away: LogAway | null;
}

/** Shown before anything was told, and where a server renders. */
export const NO_LOG: LogView = {
  attempt: null,
  text: "",
  isWhole: true,
  end: null,
  problem: null,
  away: null,
};

export interface LogStoreParts {
  readonly holder: ClientHolder;
  readonly workflow_id: string;
  readonly step: number;
  /** Bytes that are asked for, and characters that are kept. */
  readonly tail: number;
}

export class LogStore {
  readonly #parts: LogStoreParts;
  #view = NO_LOG;
  /** Where to go on when it is followed again. */
  #place: LogPlace | null = null;

  constructor(parts: LogStoreParts) {
    this.#parts = parts;
  }

  readonly subscribe = (told: () => void): (() => void) => {
    const { holder, workflow_id, step, tail } = this.#parts;
    const show = (part: Partial<LogView>) => {
      this.#view = { ...this.#view, ...part };
      told();
    };
    const listener: LogListener = {
      piece: (piece) => show(this.#with(piece)),
      end: (end) => show({ end, problem: null }),
      problem: (problem) => show({ problem }),
      away: (away) => show({ away }),
    };
    const wanted = this.#place ? { after: this.#place } : { tail };
    return holder.client.followLog(workflow_id, step, wanted, listener);
  };

  /** The same object until something is told. */
  readonly view = (): LogView => this.#view;

  #with({ attempt, from, next, text, skipped }: LogPiece): Partial<LogView> {
    const isSame = attempt === this.#view.attempt;
    const before = isSame ? this.#view : NO_LOG;
    const isFirst = !isSame || this.#place === null;
    const gap = skipped > 0 ? `\n[${skipped} bytes left out]\n` : "";
    const all = before.text + gap + text;
    const { tail } = this.#parts;
    const kept = all.length > 2 * tail ? lastLines(all, tail) : all;
    this.#place = { attempt, next };
    const isWhole = before.isWhole && skipped === 0 && kept === all && !(isFirst && from > 0);
    return { attempt, text: kept, isWhole, end: null, problem: null };
  }
}

/** The last characters, from the start of a line where there is one. */
function lastLines(text: string, characters: number): string {
  const cut = text.slice(-characters);
  return cut.slice(cut.indexOf("\n") + 1);
}

/** Where a server renders. */
export const noLog = (): LogView => NO_LOG;
