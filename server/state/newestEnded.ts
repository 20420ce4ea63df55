/** The newest record of each id in the history: the id means that record once no workflow of it is in view. */
import type { WorkflowRecord } from "./store/record.js";

export class NewestEnded {
  readonly #newest = new Map<string, WorkflowRecord>();

  get(workflow_id: string): WorkflowRecord | undefined {
    return this.#newest.get(workflow_id);
  }

  /** One that is in the history. */
  see(record: WorkflowRecord): void {
    const known = this.#newest.get(record.workflow_id);
    if (!known || known.order < record.order) this.#newest.set(record.workflow_id, record);
  }

  /** One that has left the history; `history` is what is left. */
  forget({ workflow_id, epoch }: WorkflowRecord, history: Iterable<WorkflowRecord>): void {
    if (this.#newest.get(workflow_id)?.epoch !== epoch) return;
    this.#newest.delete(workflow_id);
    for (const record of history) if (record.workflow_id === workflow_id) this.see(record);
  }
}
