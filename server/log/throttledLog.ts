/** Lines that could come with every request: the first of a kind at once, then one a minute with the number of those left out. */
import type { Clock } from "../../shared/clock.js";
import type { Log } from "./log.js";

const EVERY_MS = 60_000;
/** Kinds are few by design; should one hold a path or an id after all, memory stays bounded. */
const MOST_KINDS = 200;

interface Kind {
  writtenAt: number;
  leftOut: number;
}

export class ThrottledLog {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #kinds = new Map<string, Kind>();

  constructor(log: Log, clock: Pick<Clock, "elapsed">) {
    this.#log = log;
    this.#clock = clock;
  }

  error(kind: string, details: object, message: string): void {
    this.#write("error", kind, details, message);
  }

  warn(kind: string, details: object, message: string): void {
    this.#write("warn", kind, details, message);
  }

  #write(level: "error" | "warn", kind: string, details: object, message: string): void {
    const now = this.#clock.elapsed();
    const known = this.#kinds.get(kind);
    if (known && now - known.writtenAt < EVERY_MS) {
      known.leftOut += 1;
      return;
    }
    const more = known?.leftOut ? { more_since: known.leftOut } : {};
    this.#log[level]({ ...details, ...more }, message);
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { writtenAt: now, leftOut: 0 });
    if (this.#kinds.size > MOST_KINDS) {
      const [oldest] = this.#kinds.keys();
      if (oldest !== undefined) this.#kinds.delete(oldest);
    }
  }
}
