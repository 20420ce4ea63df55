/** The private half of a workflow of the server's own, and the port to where it is kept: its recipe, its inputs and answers with the secrets in them. */
import * as z from "zod";

const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const RunData = z.object({
  /** The definition's name. */
  name: z.string(),
  /** Null for one given in code: it has to be given again to go on. */
  source: z.unknown().nullable(),
  folder: z.string(),
  file: z.string().optional(),
  inputs: Values,
  /** The workflow that this one is a retry of, the first of them all; missing where it is none. */
  first: z.string().optional(),
  /** The trace that its commands belong to, as TRACEPARENT tells them; missing where its start named none. */
  traceparent: z.string().optional(),
  /** By the question's id: of its answer, what is secret. */
  secret_answers: z.record(z.string(), Values),
  /** The secret ones among the outputs of its steps. */
  secret_outputs: z
    .array(z.object({ action: z.string(), values: z.record(z.string(), z.string()) }))
    .optional(),
});
export type RunData = z.infer<typeof RunData>;

/** Keeps the private halves by their names. Nobody but the runner sees them. */
export interface RunStore {
  /** Undefined where it is gone, or can not be read any more: then nobody can go on with that workflow. */
  get(id: string): RunData | undefined;
  /** Resolves once it is durable. Rejects with SyncError `not_saved`, `storage_full`, `too_large` or `unavailable` where it is not. */
  write(id: string, data: RunData): Promise<void>;
  /** As `write`, of what is known when its turn has come; nothing happens where it is gone. */
  update(id: string, change: (data: RunData) => RunData): Promise<void>;
  remove(id: string): Promise<void>;
  /** Hears of no change any more, and leaves no timer. Missing where there is nothing to close. */
  close?(): void;
}

/** Undefined for a text that is none. */
export function readRunData(text: string): RunData | undefined {
  try {
    return RunData.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
