/** Answers that wait for something to happen: long polling, and output that is followed. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import type { OutputStore } from "../../output/outputStore.js";
import type { Commits } from "../../state/commits.js";

type Wake = () => void;

export class HeldAnswers {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #held = new Map<string, Set<Wake>>();
  readonly #stopListening: readonly (() => void)[];
  readonly #closing = new AbortController();
  #count = 0;

  constructor(commits: Commits, outputs: OutputStore, clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#stopListening = [
      commits.listen("watchers", (change) => {
        const { workflow_id } = change.kind === "committed" ? change.after : change.before;
        this.#wake(workflow_id);
        this.#wake(CURRENT);
        this.#wake(outputOf(workflow_id));
      }),
      outputs.listen(({ workflow_id }) => this.#wake(outputOf(workflow_id))),
    ];
  }

  /** Fires at the end: nothing is held any longer. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Room for one answer, until it is given back. Throws SyncError `too_many`. */
  hold(): () => void {
    if (this.#count >= this.#limit) {
      throw new SyncError("too_many", `${this.#limit} answers are held already`, { retryAfter: 2 });
    }
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }

  /** Resolves at the next change that may concern `subject`, when `ms` are over, when `signal` fires, or at the end. */
  next(subject: string, ms: number, signal: AbortSignal): Promise<void> {
    const release = this.hold();
    return this.#whenWoken(subject, ms, signal).finally(release);
  }

  /** The same for a workflow's output, without a time limit. Takes no room of its own: the caller holds an answer already. */
  nextOutput(workflow_id: string, signal: AbortSignal): Promise<void> {
    return this.#whenWoken(outputOf(workflow_id), null, signal);
  }

  close(): void {
    this.#closing.abort();
    for (const stop of this.#stopListening) stop();
    for (const subject of [...this.#held.keys()]) this.#wake(subject);
  }

  #whenWoken(subject: string, ms: number | null, signal: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#held.get(subject) ?? new Set();
      this.#held.set(subject, waiting);
      const wake = () => {
        cancel?.();
        signal.removeEventListener("abort", wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#held.get(subject) === waiting) this.#held.delete(subject);
        resolve();
      };
      const cancel = ms === null ? null : this.#clock.after(ms, wake);
      signal.addEventListener("abort", wake);
      waiting.add(wake);
    });
  }

  #wake(subject: string): void {
    for (const wake of [...(this.#held.get(subject) ?? [])]) wake();
  }
}

/** Cannot be the id of a workflow, as no id has a space. */
const outputOf = (workflow_id: string): string => `output of ${workflow_id}`;
