/** Waits for what a command prints: each word that something may have changed is followed by a look, and none is lost. */
import type { SpoolPiece, SpoolPlace } from "../keeper.js";
import type { Spool } from "./spool.js";

export class SpoolReader {
  readonly #spool: Spool;
  #isDirty = false;
  #isFinal = false;
  #isLeft = false;
  #wake: (() => void) | null = null;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Somebody waits for more. */
  get isWaiting(): boolean {
    return this.#wake !== null;
  }

  /** Something may have changed; with `isFinal` nobody writes any more. */
  tell(isFinal = false): void {
    this.#isFinal ||= isFinal;
    this.#isDirty = true;
    this.#wake?.();
  }

  async read(from: SpoolPlace, most: number, signal: AbortSignal): Promise<SpoolPiece | null> {
    while (!signal.aborted && !this.#isLeft) {
      // Cleared before the look: a word that comes meanwhile is followed by another.
      this.#isDirty = false;
      const found = await this.#look(from, most);
      if (found === "over") return null;
      if (found !== "waiting") return found;
      await this.#news(signal);
    }
    return null;
  }

  async leave(): Promise<void> {
    this.#isLeft = true;
    this.#wake?.();
    await this.#spool.close();
  }

  async #look(from: SpoolPlace, most: number) {
    try {
      return await this.#spool.read(from, most, this.#isFinal);
    } catch {
      // Not to be read just now, as where too many files are open.
      return "waiting";
    }
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#wake = null;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
      if (this.#isDirty || signal.aborted || this.#isLeft) wake();
    });
  }
}
