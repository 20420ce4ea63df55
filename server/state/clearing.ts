/** Takes workflows out of view: cleared by somebody, or because their time is over. Their receipts stay, as a trace. */
import { isEnded } from "../../shared/statuses.js";
import type { ClearCandidates } from "./clearCandidates.js";
import { checkNotRunningHere, checkOnlyOneMeant } from "./rules/clearable.js";
import { NOTHING, type Outcome, type Records } from "./rules/outcome.js";
import { findRepeated, remember } from "./rules/receipts.js";
import { checkExpected } from "./rules/standing.js";
import type { Submission } from "./rules/submission.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import type { Store } from "./store/store.js";
import type { Telling } from "./untold.js";

export interface ClearingParts {
  readonly store: Store;
  readonly clearCandidates: ClearCandidates;
  readonly receiptsPerWorkflow: number;
  /** Whether an ended workflow stays readable after it was cleared from view. */
  readonly keepsHistory: boolean;
  /** Missing where nobody is told of what happens. */
  readonly untilKept?: Telling["untilKept"] | undefined;
}

export class Clearing {
  readonly #parts: ClearingParts;

  constructor(parts: ClearingParts) {
    this.#parts = parts;
  }

  /** Carries out a `clear`. Rejects with SyncError where it is refused, or could mean another workflow. */
  async clear(records: Records, submission: Submission): Promise<Outcome> {
    const { store, clearCandidates } = this.#parts;
    const repeated = findRepeated(records, submission);
    if (repeated) return repeated;
    checkExpected(records, submission);
    if (isLive(records.open)) {
      if (submission.implied)
        checkOnlyOneMeant(records.workflow_id, clearCandidates.besides(records.open));
      checkNotRunningHere(records.open);
      const { outcome, receipts } = this.#cleared(records.open, records.open.receipts, submission);
      await this.#end(records.open, receipts);
      return outcome;
    }
    await store.damages?.putAway(records.workflow_id);
    return records.ended ? this.#forget(records, records.ended, submission) : NOTHING;
  }

  /** Clears an ended workflow of this epoch from view; one that still runs, and another epoch, stay. */
  async expire({ open }: Records, epoch: string): Promise<void> {
    // Where somebody cleared it meanwhile, the trace of that must stay.
    if (!isLive(open) || !isEnded(open.state.status) || open.epoch !== epoch) return;
    if (this.#parts.keepsHistory) await this.#parts.store.archive(open);
    else await this.#end(open, open.receipts);
  }

  /** Removes the trace of a cleared workflow; anything else stays. */
  async dropTrace({ open }: Records): Promise<void> {
    if (open && !isLive(open)) await this.#parts.store.remove(open);
  }

  /** Takes a workflow out of the history. The trace is written last, so that a clear cut short is not taken for one that was done. */
  async #forget(
    { workflow_id, open }: Records,
    ended: WorkflowRecord,
    submission: Submission,
  ): Promise<Outcome> {
    const { store, untilKept } = this.#parts;
    for (const past of [...store.history.values()]) {
      if (past.workflow_id !== workflow_id) continue;
      await untilKept?.(past);
      await store.forget(past.epoch);
    }
    const { outcome, receipts } = this.#cleared(ended, (open ?? ended).receipts, submission);
    if (receipts.length > 0) await store.commit(traceOf(ended, receipts), open);
    return outcome;
  }

  /** A trace stays only where there are receipts: a repeated command must find what it did. */
  async #end(record: LiveRecord, receipts: WorkflowRecord["receipts"]): Promise<void> {
    const { store, untilKept } = this.#parts;
    await untilKept?.(record);
    if (receipts.length === 0) return store.remove(record);
    return store.commit(traceOf(record, receipts), record);
  }

  #cleared(
    { workflow_id, epoch, revision }: WorkflowRecord,
    known: WorkflowRecord["receipts"],
    submission: Submission,
  ) {
    const outcome: Outcome = { workflow_id, epoch, revision };
    const receipts = remember(known, submission, outcome, this.#parts.receiptsPerWorkflow);
    return { outcome, receipts };
  }
}

const traceOf = (
  { untold: _, ...record }: WorkflowRecord,
  receipts: WorkflowRecord["receipts"],
): WorkflowRecord => ({
  ...record,
  state: null,
  lease: null,
  clear_at: null,
  receipts,
});
