/** What an execution is given, what it gives to each of its steps, and how it ends. */
import type { Clock } from "../../../shared/clock.js";
import type { FieldValues } from "../../../shared/fields/fields.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import type { AttemptName } from "../definition/runStep.js";
import type { StopManner } from "../definition/stopManner.js";
import type { SecretOutputs } from "../kept/secretOutputs.js";
import type { ProcessTools } from "../process/processGroup.js";
import type { Reporter } from "../report/reporter.js";
import type { OutputFiles } from "./outputs/outputFiles.js";
import type { RunValues } from "./runValues.js";

export interface ExecutionOptions {
  readonly definition: WorkflowDefinition;
  readonly reporter: Reporter;
  /** Names this run among all. */
  readonly runId: string;
  /** The same for a workflow and all its retries: what a step left behind is found under it. */
  readonly firstId: string;
  /** As they were given, secrets in clear. */
  readonly inputs: FieldValues;
  /** Where the server's own secrets are looked for. */
  readonly secretEnv: Readonly<Record<string, string | undefined>>;
  /** What every command finds of the environment of whoever runs it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the server is reached; null where nobody knows. */
  readonly url: () => string | null;
  readonly stateDir: string | null;
  readonly tools: ProcessTools;
  readonly newId: () => string;
  /** Of an answer, what is not in the state. */
  secretsOf(question: string): FieldValues;
  /** Where its commands may write what they hand on. */
  readonly outputFiles: OutputFiles;
  readonly secretOutputs: SecretOutputs;
  /** Before anything runs in the group. Returns what to call when it is gone. */
  onGroup(group: number, place: AttemptName, mark: string, stop: StopManner): () => void;
}

/** What every step of an execution is given. */
export interface ExecutionParts extends ExecutionOptions {
  readonly values: RunValues;
  readonly clock: Clock;
  /** Aborted when the step has to stop, for whatever reason. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  /** Waits for an answer, which takes none of the workflow's time. */
  waiting<T>(wait: () => Promise<T>): Promise<T>;
  readonly tailBytes: number;
  /** Whether how a step ended is still ours to say. */
  readonly isOurs: () => boolean;
  /** A report that is not waited for did not get through. */
  readonly failed: (error: unknown) => void;
}

export interface ExecutionEnd {
  /** Null where the end was not ours to say. */
  readonly status: "completed" | "failed" | "cancelled" | null;
  readonly error: string | null;
}
