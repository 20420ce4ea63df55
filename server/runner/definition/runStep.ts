/** The object that a step's function is given: with it the function reports, prints, asks, and starts commands. */
import type { Fields, FieldValues } from "../../../shared/fields/fields.js";
import type { TaskStatus } from "../../../shared/markers.js";
import type { StepOutputs } from "../../../shared/state/stepOutputs.js";
import type { GivenStopSignal } from "./stopManner.js";

export interface AskOptions {
  readonly prompt: string;
  readonly fields: Fields;
  /** The answer when the deadline passes; without it `ask` rejects then. */
  readonly default?: FieldValues;
  /** ms from now. */
  readonly deadline?: number;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** ms. */
  readonly timeout?: number;
  /** It prints to a pseudo-terminal. @default false */
  readonly tty?: boolean;
  /** The signal that tells it to end. @default the step's */
  readonly stopSignal?: GivenStopSignal;
  /** Between that and SIGKILL, in ms. @default the step's */
  readonly stopTimeout?: number;
  /** Processes that it leaves running when it succeeds live on. @default false */
  readonly leaves?: boolean;
}

export type { TaskStatus } from "../../../shared/markers.js";

export interface RunStep {
  readonly workflow_id: string;
  readonly action: string;
  readonly index: number;
  /** From 1. */
  readonly attempt: number;
  /** As given at the start, secrets in clear. */
  readonly inputs: FieldValues;
  /** The answers to questions of this and the earlier steps. */
  readonly answers: FieldValues;
  /** The outputs of the earlier steps, by their actions: `outputs.build?.version`. */
  readonly outputs: Readonly<Record<string, StepOutputs>>;
  /** Aborted when the step has to stop: what it started has to be ended then. */
  readonly signal: AbortSignal;
  /** 0 to 1. */
  progress(part: number, message?: string): void;
  message(text: string): void;
  task(name: string, status: TaskStatus, note?: string): void;
  note(text: string): void;
  /** Appends to the step's output. Resolves when there is room for more. */
  output(text: string | Uint8Array): Promise<void>;
  /** Makes the workflow wait for an answer. Rejects when the deadline passes without a default, and when the step has to stop. */
  ask(question: AskOptions): Promise<FieldValues>;
  /**
   * Runs a command as a step of a file would: its own process group, its output the step's, markers understood. A string goes
   * to /bin/sh -c. Resolves when it ended with 0; rejects otherwise, saying how it ended.
   */
  run(command: string | readonly string[], options?: CommandOptions): Promise<void>;
}

/** One attempt of one step among all that the server makes. */
export type AttemptName = Pick<RunStep, "workflow_id" | "index" | "attempt">;

/** The value it resolves with is the step's `data`, and `outputs` in it are handed on; the error it rejects with is the step's. */
export type StepHandler = (step: RunStep) => unknown;
