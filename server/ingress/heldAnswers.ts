/** Answers that wait for something to happen (long polling). */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { CURRENT } from "../../shared/messages.js";
import type { Store } from "../state/store.js";

type Wake = () => void;

export class HeldAnswers {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #held = new Map<string, Set<Wake>>();
  readonly #stopListening: () => void;
  #count = 0;
  #closed = false;

  constructor(store: Store, clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#stopListening = store.listen((change) => {
      const { workflow_id } = change.kind === "committed" ? change.after : change.before;
      this.#wake(workflow_id);
      this.#wake(CURRENT);
    });
  }

  /** Resolves at the next change that may concern `subject`, when `ms` are over, when `signal` fires, or at the end. */
  next(subject: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#count >= this.#limit) {
      throw new SyncError("too_many", `${this.#limit} answers are held already`, { retryAfter: 2 });
    }
    if (this.#closed || signal.aborted) return Promise.resolve();
    this.#count += 1;
    return new Promise((resolve) => {
      const waiting = this.#held.get(subject) ?? new Set();
      this.#held.set(subject, waiting);
      const wake = () => {
        cancel();
        signal.removeEventListener("abort", wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#held.get(subject) === waiting) this.#held.delete(subject);
        this.#count -= 1;
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      signal.addEventListener("abort", wake);
      waiting.add(wake);
    });
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
    for (const subject of [...this.#held.keys()]) this.#wake(subject);
  }

  #wake(subject: string): void {
    for (const wake of [...(this.#held.get(subject) ?? [])]) wake();
  }
}
