/** Waits for what a command prints: each word that something may have changed is followed by a look, and none is lost. */
import type { Clock } from "../../../../shared/clock.js";
import type { SpoolPiece, SpoolPlace } from "../keeper.js";
import type { Spool, SpoolRead } from "./spool.js";

/** So long the next piece is waited for after one that was not full. */
const PACE_MS = 3;

export class SpoolReader {
  readonly #spool: Spool;
  readonly #clock: Clock;
  /** When the last piece was given that was not full, in elapsed time. */
  #littleAt = -PACE_MS;
  #isDirty = false;
  /** Other pieces may be there, or none any more. */
  #isChanged = true;
  #isFinal = false;
  #isLeft = false;
  #wake: (() => void) | null = null;
  #waitedMs = 0;
  #waitsSince: number | null = null;

  constructor(spool: Spool, clock: Clock) {
    this.#spool = spool;
    this.#clock = clock;
  }

  /** How long, in all, nothing was there for those who read. */
  get waitedMs(): number {
    const now = this.#waitsSince === null ? 0 : this.#clock.elapsed() - this.#waitsSince;
    return this.#waitedMs + now;
  }

  /** Somebody waits for more. */
  get isWaiting(): boolean {
    return this.#wake !== null;
  }

  /** There may be more of a piece, or other pieces; `final`: and nobody writes any more. */
  tell(news: "more" | "changed" | "final"): void {
    if (news === "final") this.#isFinal = true;
    if (news !== "more") this.#isChanged = true;
    this.#isDirty = true;
    this.#wake?.();
  }

  async read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null> {
    await this.#pace(signal);
    while (!this.#isLeft) {
      // Cleared before the look: a word that comes meanwhile is followed by another.
      this.#isDirty = false;
      const isChanged = this.#isChanged;
      this.#isChanged = false;
      const found = this.#look(from, most, isChanged);
      // Bytes were found before it was looked for other pieces, or nothing could be read.
      if (isChanged && found !== "waiting") this.#isChanged = true;
      if (found === "over") return null;
      if (found !== "waiting") {
        if (found.bytes.length < most / 2) this.#littleAt = this.#clock.elapsed();
        return found;
      }
      if (signal.aborted) return null;
      await this.#news(signal);
    }
    return null;
  }

  async leave(): Promise<void> {
    this.#isLeft = true;
    this.#wake?.();
    this.#spool.close();
  }

  #look(from: SpoolPlace, most: number, isChanged: boolean): SpoolRead {
    try {
      return this.#spool.read(from, most, { isChanged, isFinal: this.#isFinal });
    } catch {
      // Not to be read just now, as where too many files are open.
      this.#isChanged = true;
      return "waiting";
    }
  }

  /** Of a command that prints a line at a time many are taken together. Everybody else has a turn in any case. */
  #pace(signal: AbortSignal): Promise<void> {
    const ms = this.#littleAt + PACE_MS - this.#clock.elapsed();
    if (ms <= 0) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const go = () => {
        cancel();
        signal.removeEventListener("abort", go);
        resolve();
      };
      const cancel = this.#clock.after(ms, go);
      signal.addEventListener("abort", go, { once: true });
      if (signal.aborted) go();
    });
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waitsSince = this.#clock.elapsed();
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#wake = null;
        this.#waitedMs = this.waitedMs;
        this.#waitsSince = null;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
      if (this.#isDirty || signal.aborted || this.#isLeft) wake();
    });
  }
}
