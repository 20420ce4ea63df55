/** The port to the output of steps: the authority asks how much was printed, and never for the bytes. */
import type { WorkflowEpoch } from "../output/owners.js";
import type { LiveRecord } from "./store/record.js";

/** An attempt that is over. */
export interface EndedAttempt {
  readonly step: number;
  readonly attempt: number;
}

export interface OutputPort {
  /** Where an attempt's output ends: 0 where there is none, null where another node keeps it and has not said. */
  next(output: WorkflowEpoch & { readonly step: number; readonly attempt: number }): number | null;
  /** Resolves when everything that this workflow's steps printed so far survives a power cut. */
  flush(owner: WorkflowEpoch): Promise<void>;
  /** `owner` was restored: its output is the one kept under the epoch `from`. Never rejects: output that cannot be read counts as none. */
  adopt(owner: WorkflowEpoch, from: string): Promise<void>;
  /** When a workflow's steps last printed something, in elapsed time; null where that is not known. */
  lastAppend(owner: WorkflowEpoch): number | null;
  /**
   * Asks the other nodes that keep output of these attempts to make it durable, and to say where it ends. True where `next` knows more than before. Missing for
   * a server alone.
   */
  learn?(record: LiveRecord, ended: readonly EndedAttempt[]): Promise<boolean>;
}

/** For a store without output. */
export const WITHOUT_OUTPUT: OutputPort = {
  next: () => 0,
  flush: async () => {},
  adopt: async () => {},
  lastAppend: () => null,
};
