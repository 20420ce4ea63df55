/** The port to the output that is followed here and kept on other nodes of a cluster. A server alone has none. */
import type { WorkflowEpoch } from "../output/owners.js";
import type { LiveRecord } from "../state/store/record.js";
import type { Outbox } from "./outbox.js";

/** Where a follower is, and what it wants. */
export interface Wanted extends WorkflowEpoch {
  readonly step: number;
  /** The name its follower gave itself. */
  readonly follower: string | undefined;
  readonly attempt: number;
  /** Null before the start of the tail is known. */
  readonly from: number | null;
  readonly tail: number;
  /** Without a named attempt newer ones follow as they begin. */
  readonly isPinned: boolean;
}

export interface Elsewhere {
  /** Whether another node keeps the output of that attempt. */
  isElsewhere(record: LiveRecord, step: number, attempt: number): boolean;
  /** How many follow through this socket. */
  countOf(outbox: Outbox): number;
  /** In place of one of the same key. Throws SyncError `too_many`. */
  begin(outbox: Outbox, wanted: Wanted): void;
  /** Nothing of it is told any more. One that is not there is no error. */
  end(outbox: Outbox, key: string): void;
  /** The socket is gone. */
  drop(outbox: Outbox): void;
  close(): void;
}

/** The server's own part of it. */
export interface Here {
  /** The record of a workflow, or null where its time is over. */
  readonly recordOf: (owner: WorkflowEpoch) => LiveRecord | null;
  /** Goes on with what is kept here. */
  readonly follow: (outbox: Outbox, wanted: Wanted) => void;
}

interface Followed {
  readonly workflow_id: string;
  readonly step: number;
  readonly follower?: string | undefined;
}

/** Tells one follower of one step from the others of its socket. */
export const keyOf = ({ workflow_id, step, follower = "" }: Followed): string =>
  `${workflow_id} ${step} ${follower}`;
