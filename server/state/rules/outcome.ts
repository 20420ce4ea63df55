/** The values that every rule takes beside a command, and the values it gives. */
import type { LiveRecord, WorkflowRecord } from "../store/record.js";

/** Whether another workflow may start: its number among all that ever started here, or how many are open where that is too many. */
export type Opening = { readonly order: number } | { readonly tooMany: number };

/** Chosen once for all commands that are saved together: reducing them twice gives the same twice. */
export interface ReduceContext {
  /** The wall clock, ms since the epoch. */
  readonly now: number;
  readonly clearAfterMs: number;
  readonly receiptsPerWorkflow: number;
  /** For a workflow that starts, or is restored. */
  readonly epoch: string;
  /** For a workflow that starts. */
  readonly opening: Opening;
  /** How much an attempt of a step printed so far; null where that is known on another node only. */
  readonly logBytes: (epoch: string, step: number, attempt: number) => number | null;
  /** The name of this server in its cluster; missing for a server alone. */
  readonly node?: string | undefined;
  /** Whether a node of the cluster is there; missing where nobody knows. */
  readonly isThere?: ((node: string) => boolean) | undefined;
}

/** The effect of a command. `revision` is null where the document is gone. */
export interface Outcome {
  readonly workflow_id: string | null;
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly token?: number | undefined;
}

/** Nothing was there, and nothing was done. */
export const NOTHING: Outcome = { workflow_id: null, epoch: null, revision: null };

/** All that is kept under one id: the open record, and the newest of the history. */
export interface Records {
  readonly workflow_id: string;
  readonly open: WorkflowRecord | null;
  readonly ended: WorkflowRecord | null;
  /** There was an open one, and its record cannot be read. */
  readonly damaged?: boolean;
  /** The version before the damaged record. */
  readonly backup?: LiveRecord | null;
}

/** The next record and the outcome of the command that led to it. */
export interface Reduced {
  /** The same reference as before where nothing has to be saved. */
  readonly record: WorkflowRecord | null;
  readonly outcome: Outcome;
}

let newest = { now: 0, text: new Date(0).toISOString() };

/** The wall clock as it is written into a state, RFC 3339. Commands that are saved together have the same, and it is written out once. */
export function timeOf({ now }: Pick<ReduceContext, "now">): string {
  if (now !== newest.now) newest = { now, text: new Date(now).toISOString() };
  return newest.text;
}
