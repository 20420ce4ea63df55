/** Asks by REST for the times of lines that were not told of: one call at a time, and none while nobody wants to see them. */
import { type Clock, type InstepClient, SyncError } from "../../../../index.js";
import type { LogName } from "../bytes/logBytes.js";
import type { LineTimes, OffsetRange } from "./lineTimes.js";

/** Lines that come within this time are asked for together. */
const EVERY_MS = 300;
const AGAIN_MS = 5_000;

export interface TimesLoaderParts {
  readonly rest: Pick<InstepClient["rest"], "logTimes">;
  readonly clock: Clock;
  readonly name: LogName;
  readonly times: LineTimes;
  readonly changed: () => void;
}

export class TimesLoader {
  readonly #parts: TimesLoaderParts;
  readonly #stopped = new AbortController();
  #wanted: OffsetRange | null = null;
  #isAsking = false;
  #cancelTimer: (() => void) | null = null;

  constructor(parts: TimesLoaderParts) {
    this.#parts = parts;
  }

  /** Null where no times are wanted. */
  want(range: OffsetRange | null): void {
    this.#wanted = range;
    if (!this.#isAsking && !this.#cancelTimer) void this.#ask();
  }

  stop(): void {
    this.#wanted = null;
    this.#stopped.abort();
    this.#cancelTimer?.();
  }

  async #ask(): Promise<void> {
    const missing = this.#wanted && this.#parts.times.missing(this.#wanted);
    if (!missing) return;
    this.#isAsking = true;
    const wait = await this.#read(missing);
    this.#isAsking = false;
    if (wait === null || this.#stopped.signal.aborted) return;
    this.#cancelTimer = this.#parts.clock.after(wait, () => {
      this.#cancelTimer = null;
      void this.#ask();
    });
  }

  /** When to ask again; null where there is no use in it. */
  async #read(missing: OffsetRange): Promise<number | null> {
    const { rest, name, times, changed } = this.#parts;
    const { workflow_id, epoch, step, attempt } = name;
    const { signal } = this.#stopped;
    const range = { from: missing.from, to: missing.next };
    try {
      const told = await rest.logTimes(workflow_id, step, { epoch, attempt, signal, ...range });
      if (signal.aborted) return null;
      times.told(told.from, told.next, told.times);
      changed();
      const left = times.missing(missing);
      if (left === null) return EVERY_MS;
      // A server that has less than was told here, as one that reads what another node keeps, may have it in a while.
      return left.from > missing.from ? 0 : AGAIN_MS;
    } catch (error) {
      // A server that does not know this call, or has the output no more, never will.
      const isOver = error instanceof SyncError && !error.canRetry;
      return isOver ? null : AGAIN_MS;
    }
  }
}
