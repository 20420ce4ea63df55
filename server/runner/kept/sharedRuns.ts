/** The private halves of a cluster's workflows, in its store: every node can answer, resume and retry. Whoever reads the store reads the secrets in them. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { FamilyEvent, KeyMirror } from "../../cluster/keyMirror.js";
import { type RunData, type RunStore, readRunData } from "./runData.js";

export interface SharedRunsParts {
  readonly mirror: Pick<KeyMirror, "follow" | "modOf" | "transact">;
  readonly clock: Pick<Clock, "after">;
  /** The names that a record has: of every workflow that can go on, be tried again or be restored. */
  readonly wanted: () => ReadonlySet<string>;
  readonly onUnreadable: (error: unknown, key: string) => void;
  readonly onFailure: (error: unknown) => void;
}

const RUNS = "run/";
/** A server writes this before its start is in the store, and may be lost between: so long nobody removes it. */
const UNOWNED_MS = 600_000;
const MOST_TRIES = 16;

export class SharedRuns implements RunStore {
  readonly #parts: SharedRunsParts;
  readonly #known = new Map<string, RunData>();
  readonly #stop: () => void;
  #cancelSweep = () => {};

  constructor(parts: SharedRunsParts) {
    this.#parts = parts;
    this.#stop = parts.mirror.follow(RUNS, (event) => this.#hear(event));
    this.#armSweep(this.#unowned());
  }

  get(id: string): RunData | undefined {
    return this.#known.get(id);
  }

  async write(id: string, data: RunData): Promise<void> {
    await this.#put(id, () => data);
  }

  async update(id: string, change: (data: RunData) => RunData): Promise<void> {
    await this.#put(id, () => {
      const data = this.#known.get(id);
      return data && change(data);
    });
  }

  /** One that is gone is no error. */
  async remove(id: string): Promise<void> {
    const { mirror } = this.#parts;
    const key = RUNS + id;
    if (mirror.modOf(key) === 0) return;
    await mirror.transact({
      compare: [{ key, target: "create", is: "greater", than: 0 }],
      writes: [{ delete: key }],
    });
  }

  close(): void {
    this.#stop();
    this.#cancelSweep();
  }

  /** Each try is made from what is known by then: another node may have been quicker. */
  async #put(id: string, next: () => RunData | undefined): Promise<void> {
    const { mirror } = this.#parts;
    const key = RUNS + id;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const data = next();
      if (!data) return;
      const value = Buffer.from(JSON.stringify(data));
      const revision = await mirror.transact({
        compare: [{ key, target: "mod", is: "equal", than: mirror.modOf(key) }],
        writes: [{ put: key, value }],
        witness: { key, isOurs: (found) => found?.equals(value) === true },
      });
      if (revision !== null) return;
    }
    throw new SyncError("not_saved", "what the workflow runs with is changed too often elsewhere");
  }

  #hear(event: FamilyEvent): void {
    const { key: id } = event;
    const data = event.kind === "put" ? readRunData(event.value.toString()) : undefined;
    if (data) this.#known.set(id, data);
    else this.#known.delete(id);
    if (event.kind === "put" && !data)
      this.#parts.onUnreadable(new Error("it is none of ours"), RUNS + id);
  }

  #unowned(): readonly string[] {
    const wanted = this.#parts.wanted();
    return [...this.#known.keys()].filter((id) => !wanted.has(id));
  }

  /** Those that nobody owned then, and nobody owns when the time is over, are removed. */
  #armSweep(before: readonly string[]): void {
    this.#cancelSweep = this.#parts.clock.after(UNOWNED_MS, () => {
      const now = this.#unowned();
      for (const id of now.filter((id) => before.includes(id)))
        this.remove(id).catch(this.#parts.onFailure);
      this.#armSweep(now);
    });
  }
}
