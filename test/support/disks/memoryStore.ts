/** The store port without a disk: what another engine would have to do at the least. */
import type { WorkflowRecord } from "../../../server/state/store/record.js";
import {
  type CommitListener,
  type Committed,
  type Store,
  StoreConflict,
} from "../../../server/state/store/store.js";
import { Listeners } from "../../../shared/listeners.js";

export class MemoryStore implements Store {
  readonly open = new Map<string, WorkflowRecord>();
  readonly history = new Map<string, WorkflowRecord>();
  readonly damaged = [];
  readonly #listeners = new Listeners<Committed>((error) => {
    throw error;
  });

  async commit(next: WorkflowRecord, base: WorkflowRecord | null): Promise<void> {
    await this.#check(next.workflow_id, base);
    this.open.set(next.workflow_id, next);
    this.#listeners.tell({ kind: "committed", before: base, after: next });
  }

  async archive(base: WorkflowRecord): Promise<void> {
    await this.#check(base.workflow_id, base);
    this.open.delete(base.workflow_id);
    this.history.set(base.epoch, base);
    this.#listeners.tell({ kind: "archived", before: base });
  }

  async remove(base: WorkflowRecord): Promise<void> {
    await this.#check(base.workflow_id, base);
    this.open.delete(base.workflow_id);
    this.#listeners.tell({ kind: "removed", before: base });
  }

  async forget(epoch: string): Promise<void> {
    const before = this.history.get(epoch);
    if (!before) return;
    this.history.delete(epoch);
    this.#listeners.tell({ kind: "forgotten", before });
  }

  listen(listener: CommitListener): () => void {
    return this.#listeners.listen(listener);
  }

  async close(): Promise<void> {}

  /** A turn later, as a disk would be, so that what relies on waiting is seen to wait. */
  async #check(id: string, base: WorkflowRecord | null): Promise<void> {
    await Promise.resolve();
    if ((this.open.get(id) ?? null) !== base) throw new StoreConflict(`${id} has moved on`);
  }
}
