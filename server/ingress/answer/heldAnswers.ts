/** Answers that wait for something to happen: long polling, and output that is followed. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import { CURRENT } from "../../../shared/names.js";
import type { Standing } from "../../cluster/standing.js";
import type { OutputStore } from "../../output/outputStore.js";
import type { Commits } from "../../state/commits.js";
import type { Lane, Task, Turns } from "../pace/turns.js";

type Wake = () => void;

export interface HeldAnswersParts {
  readonly commits: Commits;
  readonly outputs: OutputStore;
  readonly standing: Pick<Standing, "listen">;
  readonly clock: Clock;
  readonly turns: Turns;
  /** So many may be held. */
  readonly limit: number;
}

export class HeldAnswers {
  readonly #parts: HeldAnswersParts;
  readonly #held = new Map<string, Set<Wake>>();
  /** A change that many wait for is told to some of them in each turn, so that everybody else has turns in between. */
  readonly #lane: Lane;
  readonly #stopListening: readonly (() => void)[];
  readonly #closing = new AbortController();
  #count = 0;

  constructor(parts: HeldAnswersParts) {
    this.#parts = parts;
    this.#lane = parts.turns.lane(() => {});
    this.#stopListening = [
      parts.commits.listen("watchers", (change) => {
        const { workflow_id } = change.kind === "committed" ? change.after : change.before;
        this.#wake(workflow_id);
        this.#wake(CURRENT);
        this.#wake(outputOf(workflow_id));
      }),
      parts.outputs.listen(({ workflow_id }) => this.#wake(outputOf(workflow_id))),
      parts.standing.listen(() => {
        for (const subject of [...this.#held.keys()]) this.#wake(subject);
      }),
    ];
  }

  /** Fires at the end: nothing is held any longer. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Room for one answer, until it is given back. Throws SyncError `too_many`. */
  hold(): () => void {
    const { limit } = this.#parts;
    if (this.#count >= limit) {
      throw new SyncError("too_many", `${limit} answers are held already`, { retryAfter: 2 });
    }
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }

  /** Takes room for one answer until `run` resolves; cuts the answer short at the end of the server. Throws SyncError `too_many`. */
  async whileHeld(response: ServerResponse, run: () => Promise<void>): Promise<void> {
    const release = this.hold();
    const cut = () => response.destroy();
    this.closing.addEventListener("abort", cut);
    try {
      await run();
    } finally {
      this.closing.removeEventListener("abort", cut);
      release();
    }
  }

  /** Resolves at the next change that may concern `subject`, when the view becomes stale or follows again, when `ms` are over, when the caller is gone, or at the end. */
  async next(subject: string, ms: number, response: ServerResponse): Promise<void> {
    const release = this.hold();
    await new Promise<void>((resolve) => {
      if (this.#closing.signal.aborted || response.destroyed) return resolve();
      const done = () => {
        cancel();
        response.off("close", done);
        forget();
        resolve();
      };
      const forget = this.#add(subject, done);
      const cancel = this.#parts.clock.after(ms, done);
      response.on("close", done);
    });
    release();
  }

  /** The same for a workflow's output, without a time limit. Takes no room of its own: the caller holds an answer already. */
  nextOutput(workflow_id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closing.signal.aborted || signal.aborted) return resolve();
      const done = () => {
        signal.removeEventListener("abort", done);
        forget();
        resolve();
      };
      const forget = this.#add(outputOf(workflow_id), done);
      signal.addEventListener("abort", done);
    });
  }

  close(): void {
    this.#closing.abort();
    for (const stop of this.#stopListening) stop();
    for (const waiting of [...this.#held.values()]) for (const wake of [...waiting]) wake();
  }

  /** The returned function takes it back. */
  #add(subject: string, wake: Wake): () => void {
    const waiting = this.#held.get(subject) ?? new Set();
    this.#held.set(subject, waiting);
    waiting.add(wake);
    return () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#held.get(subject) === waiting) this.#held.delete(subject);
    };
  }

  /** An answer that is held after this waits for the next change. */
  #wake(subject: string): void {
    const waiting = this.#held.get(subject);
    if (!waiting) return;
    this.#held.delete(subject);
    const left = waiting.values();
    const wakeOne = (): Task | undefined => {
      const { value: wake } = left.next();
      wake?.();
      return wake && wakeOne;
    };
    this.#lane.do(wakeOne);
  }
}

/** Cannot be the id of a workflow, as no id has a space. */
const outputOf = (workflow_id: string): string => `output of ${workflow_id}`;
