/** The port behind which the committed state lives: a folder of files for a server alone, etcd for a cluster. */
import type { Damages } from "./damages.js";
import type { WorkflowRecord } from "./record.js";

/** A change that is durable. Exactly one for every successful call, whoever made it. */
export type Committed =
  | {
      readonly kind: "committed";
      readonly before: WorkflowRecord | null;
      readonly after: WorkflowRecord;
    }
  /** Cleared from view and moved to the history. */
  | { readonly kind: "archived"; readonly before: WorkflowRecord }
  /** Gone for good. */
  | { readonly kind: "removed"; readonly before: WorkflowRecord }
  /** Gone from the history. */
  | { readonly kind: "forgotten"; readonly before: WorkflowRecord };

/** Hears of a change once it is durable. */
export type CommitListener = (committed: Committed) => void;

/** The record a commit was made from is no longer the newest: read again, reduce again. */
export class StoreConflict extends Error {
  override readonly name = "StoreConflict";
}

/** The same request, which named no workflow, has started one already, through another server. */
export class RequestTaken extends Error {
  override readonly name = "RequestTaken";
  readonly requestId: string;
  readonly workflow_id: string;

  constructor(requestId: string, workflow_id: string) {
    super(`the request ${requestId} has started ${workflow_id}`);
    this.requestId = requestId;
    this.workflow_id = workflow_id;
  }
}

/** The driver that the record names was not heard of in time: it has to be told before anything else. */
export class LeaseGone extends Error {
  override readonly name = "LeaseGone";
}

/** Keeps the leases of drivers from outside, where several servers share them. */
export interface SharedLeases {
  /** The driver was heard of, by the token of its lease; any other token does nothing. Never rejects. */
  renew(workflow_id: string, token: number): void;
  /** Called once a lease has ended by its time. The returned function ends it. */
  onEnd(listener: (workflow_id: string, token: number) => void): () => void;
}

/** A file that cannot be read. It is there still, where it was or moved aside. */
export interface Damage {
  /** The workflow's, as far as the file still says it, else what the file's name says; null for a name that is none of ours. */
  readonly workflow_id: string | null;
  readonly file: string;
  /** Null where it is still in its place. */
  readonly movedTo: string | null;
  readonly why: string;
  /** When that was found, RFC 3339. */
  readonly at: string;
  readonly in_history: boolean;
}

/**
 * Reads answer from memory and give committed records only. Writes resolve once the change is durable and was announced; when they reject
 * (StoreConflict, or SyncError `not_saved` / `storage_full`) nothing changed and nothing was announced.
 */
export interface Store {
  /** Every workflow not cleared from view, by id; also traces of cleared ones (`state` null). */
  readonly open: ReadonlyMap<string, WorkflowRecord>;
  /** Ended and cleared from view, by epoch. */
  readonly history: ReadonlyMap<string, WorkflowRecord>;
  /** The files that could not be read at the start, and were not cleared or restored since. */
  readonly damaged: readonly Damage[];

  /** The same, for those who mend them; missing where a store has none. */
  readonly damages?: Damages;
  /** Missing where this server alone knows how long a lease runs. */
  readonly leases?: SharedLeases;

  /** Where the picture is that decisions are made from; missing where nobody else changes it. */
  readonly at?: number;
  /** The highest number that any start was given, where other servers give them out, too. */
  readonly lastOrder?: number;
  /**
   * Compare-and-set: `base` is the record that `next` was made from, null for none. `at` is the store's `at` when that was decided: a start, and a turn in a
   * group, are refused where another server has started, or has taken a turn in that group, after it. Rejects with RequestTaken for a start that another
   * server has carried out, and with LeaseGone where the lease of an outside driver has ended.
   */
  commit(next: WorkflowRecord, base: WorkflowRecord | null, at?: number): Promise<void>;
  archive(base: WorkflowRecord): Promise<void>;
  remove(base: WorkflowRecord): Promise<void>;
  forget(epoch: string): Promise<void>;
  /** Resolves once this store knows of the workflow, where there was one with this id when it was asked; missing where nobody else makes any. Never rejects. */
  hear?(workflow_id: string): Promise<void>;
  /** Listeners hear every change once, a workflow's in order of revision. The returned function ends it. */
  listen(listener: CommitListener): () => void;
  /** Makes good what a refused write could not take back. Rejects where the disk still refuses. */
  settle?(): Promise<void>;
  /** Resolves when nothing of this store touches the disk any more. */
  close(): Promise<void>;
}
