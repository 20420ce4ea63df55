/** The port behind which stands what the steps print: the authority asks how much that is, and never for the bytes. */
import type { WorkflowRecord } from "./store/record.js";

type Life = Pick<WorkflowRecord, "workflow_id" | "epoch">;

export interface OutputPort {
  /** Where an attempt's output ends: 0 where there is none. */
  next(output: Life & { readonly step: number; readonly attempt: number }): number;
  /** Resolves when what this workflow's steps printed so far survives a power cut. */
  flush(life: Life): Promise<void>;
  /** From here on what the life `from` printed is that of `life`, too: it was restored. Never rejects: what cannot be read is not there. */
  adopt(life: Life, from: string): Promise<void>;
  /** When a workflow's steps last printed something, in elapsed time; null where that is not known. */
  lastAppend(life: Life): number | null;
}

/** For a store without output. */
export const WITHOUT_OUTPUT: OutputPort = {
  next: () => 0,
  flush: async () => {},
  adopt: async () => {},
  lastAppend: () => null,
};
