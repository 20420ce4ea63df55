/** The workflows whose steps print, as far as their output is concerned. The authority's records and commits fit these types. */
import type { WorkflowState } from "../../shared/schema/workflow.js";

/** One epoch of a workflow, from its start until it is cleared: the same id again is another one. */
export interface WorkflowEpoch {
  readonly workflow_id: string;
  readonly epoch: string;
}

/** A workflow that is there, in view or in the history. */
export interface LiveOwner extends WorkflowEpoch {
  readonly state: WorkflowState;
}

/** `state` is null once the workflow was cleared: then it has no output. */
export interface Owner extends WorkflowEpoch {
  readonly state: WorkflowState | null;
  /** When an ended workflow is cleared, ms since the epoch. */
  readonly clear_at: number | null;
  /** Where it was restored: the epoch under which its output is kept. */
  readonly output_epoch?: string | undefined;
}

/** A durable change of a workflow. An `archived` one is no longer open, and keeps its output. */
export type OwnerChange =
  | { readonly kind: "committed"; readonly after: Owner }
  | { readonly kind: "archived" | "removed" | "forgotten"; readonly before: Owner };

/** Where the store of output learns which workflows there are: the authority's `Commits` fit it. */
export interface Owners {
  /** By id, and in the history by epoch. */
  readonly store: {
    readonly open: ReadonlyMap<string, Owner>;
    readonly history: ReadonlyMap<string, Owner>;
  };
  /** Every change that was made durable, in order. The returned function ends it. */
  listen(turn: "memory", listener: (change: OwnerChange) => void): () => void;
}
