/** To whom the runner reports: the authority in this process, or a server elsewhere. The one seam between running and telling. */

import { type ErrorCode, SyncError } from "../../../shared/errors.js";
import type { FieldValues } from "../../../shared/fields/fields.js";
import type { StateMerge, StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import { outputsOf } from "../../../shared/state/stepOutputs.js";
import { processOf } from "../../../shared/state/stepProcess.js";
import { exitCodeOf } from "./exitCode.js";

/** Where an attempt's output goes, byte for byte. */
export interface OutputSink {
  /** Where its first byte comes to stand in the output of its attempt. */
  readonly begin: number;
  /** Resolves when there is room for more. Never rejects. */
  write(bytes: Uint8Array): Promise<void>;
  /** Behind the last byte that is kept: a crash of this process takes none of those before it back. Missing where nobody can say. */
  readonly keptTo?: number;
  /** Resolves once all of it is kept. */
  finish(): Promise<void>;
}

/** Some of what an attempt printed before. */
export interface PastOutput {
  readonly bytes: Buffer;
  /** So many bytes before it are left out. */
  readonly skipped: number;
}

/** The workflow is not this driver's any more: somebody else's, cleared, or ended by another. Nothing more is to be said. */
export class WorkflowLost extends Error {
  override readonly name = "WorkflowLost";
}

/** Reports resolve once they are durable, however often that has to be tried; they reject with WorkflowLost, or with a refusal for good. */
export interface Reporter {
  readonly workflow_id: string;
  /** Names the document; missing where another server keeps it. */
  readonly epoch?: string;
  /** The newest state that is known. */
  readonly state: WorkflowState;
  step(index: number, update: StepUpdate): Promise<void>;
  /** A part of the workflow itself, and of one step where given, as one change. */
  merge(
    part: StateMerge,
    step?: { readonly index: number; readonly update: StepUpdate },
  ): Promise<void>;
  /** Answers the question as if somebody had; false where somebody was quicker. */
  answer(question: string, answer: FieldValues, by: string): Promise<boolean>;
  /** Ends the step's question without an answer; false where somebody was quicker. */
  giveUp(index: number, question: string, update: StepUpdate): Promise<boolean>;
  output(index: number, attempt: number): OutputSink;
  /** The output that an attempt has by now, from its first byte on. Missing where nobody can go on with it. */
  past?(index: number, attempt: number): AsyncIterable<PastOutput>;
  /** Told of every newer state. Returns what stops it. */
  watch(listener: (state: WorkflowState) => void): () => void;
}

const SOME_LEFT_OUT =
  "Some of what this step reported is left out: with it the state would be over its limit.";

/** Says a step's update; where the state would be over its limit with it, only what has to be said in any case. */
export async function stepOrLess(
  update: StepUpdate,
  say: (update: StepUpdate) => Promise<void>,
): Promise<void> {
  try {
    await say(update);
  } catch (error) {
    if (!isRefusal(error, ["too_large"])) throw error;
    await say(withoutBulk(update));
  }
}

function withoutBulk(update: StepUpdate): StepUpdate {
  const { tasks, notes, data, message, attempts, ...rest } = update;
  const exitCode = exitCodeOf(data);
  const outputs = outputsOf(data);
  const process = processOf(data);
  const needed = {
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    // Without them the steps behind it would not find what they need.
    ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
    // Without it a step whose link is lost would look as if somebody saw it at work.
    ...(process && { process }),
  };
  return {
    ...rest,
    ...(Object.keys(needed).length === 0 ? {} : { data: needed }),
    completion_note: SOME_LEFT_OUT,
  };
}

export const isRefusal = (error: unknown, codes: readonly ErrorCode[]): boolean =>
  error instanceof SyncError && codes.includes(error.code);
