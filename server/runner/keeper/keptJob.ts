/** The paper that is written of a command before its keeper is started: by it a later server knows whose it is, and how to go on with it. */
import * as z from "zod";
import { STOP_SIGNALS } from "../definition/stopManner.js";

/** Raised where a server of an earlier version could not take up what a later one has written. */
const JOB_VERSION = 1;

/** How another machine is reached, with no secret in it. */
export const FarConnection = z.object({
  host: z.string().min(1),
  port: z.int().positive(),
  /** Empty where none is named. */
  user: z.string(),
  /** A private key's file on this machine; without it the agent and the usual keys are tried. */
  identityFile: z.string().optional(),
  knownHosts: z.string(),
});
export type FarConnection = z.infer<typeof FarConnection>;

export const KeptJob = z.object({
  version: z.literal(JOB_VERSION),
  workflow_id: z.string(),
  epoch: z.string(),
  index: z.int(),
  attempt: z.int().positive(),
  /** Attempts that were made before this one since the step began, or was resumed. */
  tried: z.int().nonnegative(),
  /** `NAME=value` that everything it starts has in its environment. */
  mark: z.string(),
  stop: z.object({ signal: z.enum(STOP_SIGNALS), patienceMs: z.number().nonnegative() }),
  leaves: z.boolean(),
  timeoutMs: z.number().positive().nullable(),
  /** The machine that it runs on, where that is another one. */
  far: FarConnection.nullable(),
  /** A hash of the secrets that only the server knows and may be others by now. */
  secrets: z.string(),
  /** The word of the stay of its node, outside of which it does not run; missing where it need not end with its node. */
  stay: z.string().optional(),
});
export type KeptJob = z.infer<typeof KeptJob>;

export const jobOf = (job: Omit<KeptJob, "version">): KeptJob => ({ version: JOB_VERSION, ...job });
