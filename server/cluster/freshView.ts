/** How fresh this server's copy is, told by its own writes: the copy is as of the newest of them that the watch has told. */
import type { Clock } from "../../shared/clock.js";
import { Listeners } from "../../shared/listeners.js";
import type { Freshness } from "./cluster.js";

interface FreshViewParts {
  readonly clock: Clock;
  /** When the first list was asked for, in elapsed time: the copy is as of then. */
  readonly sentAt: number;
  /** Begins the watch anew, which seems to be silent. */
  readonly restart: () => void;
  readonly onListenerFailure: (error: unknown) => void;
}

/** A write that the watch has not told yet. */
interface Owed {
  readonly revision: number;
  readonly sentAt: number;
}

const LOOK_EVERY_MS = 500;
/** A node writes its key every two seconds; three of them missed make a view stale. */
const STALE_AFTER_MS = 6_000;
const RESTART_AFTER_MS = 3_000;
const MOST_OWED = 1_000;

export class FreshView implements Freshness {
  readonly #parts: FreshViewParts;
  readonly #listeners: Listeners<string | null>;
  readonly #owed: Owed[] = [];
  #asOf: number;
  #seen = 0;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #staleSince: string | null = null;
  #cancel = () => {};

  constructor(parts: FreshViewParts) {
    this.#parts = parts;
    this.#asOf = parts.sentAt;
    this.#listeners = new Listeners(parts.onListenerFailure);
    this.#arm();
  }

  get staleSince(): string | null {
    return this.#staleSince;
  }

  listen(listener: (staleSince: string | null) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** We wrote something, and that was acknowledged at `revision`. */
  owe(revision: number, sentAt: number): void {
    if (revision <= this.#seen) return this.#see(sentAt);
    if (this.#owed.length < MOST_OWED) this.#owed.push({ revision, sentAt });
  }

  /** Everything up to `revision` has been told. */
  sawUpTo(revision: number): void {
    this.#seen = Math.max(this.#seen, revision);
    while (this.#owed[0] && this.#owed[0].revision <= this.#seen)
      this.#see(this.#owed.shift()!.sentAt);
  }

  close(): void {
    this.#cancel();
  }

  #see(sentAt: number): void {
    this.#asOf = Math.max(this.#asOf, sentAt);
    if (this.#age < STALE_AFTER_MS) this.#tell(null);
  }

  get #age(): number {
    return this.#parts.clock.elapsed() - this.#asOf;
  }

  #arm(): void {
    this.#cancel = this.#parts.clock.after(LOOK_EVERY_MS, () => {
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const { clock, restart } = this.#parts;
    const owedSince = this.#owed[0]?.sentAt ?? Number.POSITIVE_INFINITY;
    const mayRestart = clock.elapsed() - this.#restartedAt > RESTART_AFTER_MS;
    if (clock.elapsed() - owedSince > RESTART_AFTER_MS && mayRestart) {
      this.#restartedAt = clock.elapsed();
      restart();
    }
    if (this.#age >= STALE_AFTER_MS && this.#staleSince === null)
      this.#tell(new Date(clock.now() - this.#age).toISOString());
  }

  #tell(staleSince: string | null): void {
    if (staleSince === this.#staleSince) return;
    this.#staleSince = staleSince;
    this.#listeners.tell(staleSince);
  }
}
