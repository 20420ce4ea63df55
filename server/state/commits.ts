/** Tells every reader what was committed, in one stated order: the order in which the readers were made carries no meaning. */
import { Listeners } from "../../shared/listeners.js";
import type { CommitListener, Committed, Store } from "./store/store.js";

/**
 * The turns in which readers hear of a commit. A reader may rely on readers of earlier turns, and on none of its own turn.
 *
 * 1. `memory`: facts that follow from the record alone: which workflow is current, who holds a lease, which output is gone.
 * 2. `deadlines`: the times at which something falls due; reads the leases.
 * 3. `watchers`: frames and answers; reads which workflow is current.
 * 4. `runner`: the server's own driver, which acts on a change that everybody else has seen.
 */
const TURNS = ["memory", "deadlines", "watchers", "runner"] as const;
/** In which turn a reader hears of a commit. */
export type ReaderTurn = (typeof TURNS)[number];

export class Commits {
  readonly store: Pick<Store, "open" | "history" | "damages">;
  readonly #readers: Readonly<Record<ReaderTurn, Listeners<Committed>>>;
  readonly #stopListening: () => void;
  readonly #elapsed: () => number;
  #toldMs = 0;

  /** The one listener of the store. A reader that throws is a bug: `onFailure` hears of it, and the readers after it hear of the commit. `elapsed` as that of a `Clock`. */
  constructor(
    store: Store,
    onFailure: (error: unknown, committed: Committed) => void,
    elapsed: () => number = () => 0,
  ) {
    this.store = store;
    this.#elapsed = elapsed;
    const readers = () => new Listeners<Committed>(onFailure);
    this.#readers = {
      memory: readers(),
      deadlines: readers(),
      watchers: readers(),
      runner: readers(),
    };
    this.#stopListening = store.listen((committed) => this.#tell(committed));
  }

  /** `listener` hears every commit once, a workflow's in order of revision. The returned function ends that. */
  listen(turn: ReaderTurn, listener: CommitListener): () => void {
    return this.#readers[turn].listen(listener);
  }

  /** How many readers there are: none once everything is closed. */
  get readers(): number {
    return TURNS.reduce((count, turn) => count + this.#readers[turn].size, 0);
  }

  /** How much time all the telling has taken so far. */
  get toldMs(): number {
    return this.#toldMs;
  }

  close(): void {
    this.#stopListening();
  }

  #tell(committed: Committed): void {
    const began = this.#elapsed();
    for (const turn of TURNS) this.#readers[turn].tell(committed);
    this.#toldMs += this.#elapsed() - began;
  }
}
