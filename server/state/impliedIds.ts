/** Requests that named no workflow: a repeated one means the workflow that the first one meant, whichever is current by then. */
import type { WorkflowRecord } from "./store/record.js";

/** Enough for every client that could still repeat a request. */
const MOST_REMEMBERED = 10_000;

export class ImpliedIds {
  /** By request id, the oldest first. */
  readonly #meant = new Map<string, string>();

  /** Receipts tell over a restart which requests these were. */
  load({ workflow_id, receipts }: WorkflowRecord): void {
    for (const { id, implied } of receipts) if (implied) this.remember(id, workflow_id);
  }

  /** A commit, perhaps another server's: its newest receipts. */
  see(before: WorkflowRecord | null, { workflow_id, receipts }: WorkflowRecord): void {
    const known = before?.receipts.at(-1)?.id;
    const seen = receipts.findLastIndex(({ id }) => id === known);
    for (const { id, implied } of receipts.slice(seen + 1))
      if (implied) this.remember(id, workflow_id);
  }

  remember(requestId: string, workflow_id: string): void {
    this.#meant.set(requestId, workflow_id);
    if (this.#meant.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#meant.keys();
    if (oldest !== undefined) this.#meant.delete(oldest);
  }

  /** Null for a request that is new, or long forgotten. */
  meantBy(requestId: string | undefined): string | null {
    return this.#meant.get(requestId ?? "") ?? null;
  }

  /** The request was refused: repeated, it means whichever workflow is current then. */
  forget(requestId: string): void {
    this.#meant.delete(requestId);
  }
}
