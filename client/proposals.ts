/** Proposals that were sent and not yet answered. */
import type { Position } from "../shared/messages.js";

export interface ProposeOptions {
  /** Compare-and-set: refused (`position_moved`) unless the document is exactly there. */
  readonly expected?: Position | undefined;
  /** A driver's fencing token; where this client holds the workflow's lease, it is added by itself. */
  readonly token?: number | undefined;
  /** The same id again gives the first outcome, applied once. Made up where missing. */
  readonly requestId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** 30 s where missing; Infinity waits as long as it takes. */
  readonly deadlineMs?: number | undefined;
}

export interface Accepted {
  readonly workflow_id: string | null;
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly token?: number;
  readonly lease_ms?: number;
}
