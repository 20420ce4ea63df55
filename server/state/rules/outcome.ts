/** What goes into the rules beside a command, and what comes out: plain values, for every rule the same. */
import type { LiveRecord, WorkflowRecord } from "../store/record.js";

export interface ReduceContext {
  readonly now: number;
  readonly clearAfterMs: number;
  readonly receiptsPerWorkflow: number;
  /** For a workflow that starts. */
  readonly newEpoch: () => string;
  readonly nextOrder: () => number;
  /** How much an attempt of a step printed so far. */
  readonly logBytes: (epoch: string, step: number, attempt: number) => number;
}

/** What a command led to. `revision` is null where the document is gone. */
export interface Outcome {
  readonly workflow_id: string | null;
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly token?: number | undefined;
}

/** Where a command finds its workflow: the open record, and the newest of the same id in the history. */
export interface Place {
  readonly workflow_id: string;
  readonly open: WorkflowRecord | null;
  readonly ended: WorkflowRecord | null;
  /** There was an open one, and its record cannot be read. */
  readonly damaged?: boolean;
  /** Of that one, the version before. */
  readonly backup?: LiveRecord | null;
}

export interface Reduced {
  /** The same reference as before where nothing has to be saved. */
  readonly record: WorkflowRecord | null;
  readonly outcome: Outcome;
}
