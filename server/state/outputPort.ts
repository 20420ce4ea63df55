/** The port behind which stands what the steps print: the authority asks how much that is, and never for the bytes. */
import type { WorkflowEpoch } from "../output/owners.js";

export interface OutputPort {
  /** Where an attempt's output ends: 0 where there is none. */
  next(output: WorkflowEpoch & { readonly step: number; readonly attempt: number }): number;
  /** Resolves when what this workflow's steps printed so far survives a power cut. */
  flush(owner: WorkflowEpoch): Promise<void>;
  /** From here on what the owner `from` printed is that of `owner`, too: it was restored. Never rejects: what cannot be read is not there. */
  adopt(owner: WorkflowEpoch, from: string): Promise<void>;
  /** When a workflow's steps last printed something, in elapsed time; null where that is not known. */
  lastAppend(owner: WorkflowEpoch): number | null;
}

/** For a store without output. */
export const WITHOUT_OUTPUT: OutputPort = {
  next: () => 0,
  flush: async () => {},
  adopt: async () => {},
  lastAppend: () => null,
};
