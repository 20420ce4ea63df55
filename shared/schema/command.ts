/** The commands that someone may give. Strict: an unknown key is a mistake worth hearing about. */
import * as z from "zod";
import { LIMITS } from "../limits.js";
import { StateInput, StateMerge, StepUpdate, WorkflowId } from "./workflow.js";

/** Visible ASCII, so that a key means the same in a header and in a frame. */
export const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
export const RequestId = z.string().regex(REQUEST_ID, "must be 1 to 128 visible ASCII characters");

const filled = <T extends object>(schema: z.ZodType<T>) =>
  schema.refine((value) => Object.keys(value).length > 0, "is required and must not be empty");

const Save = z.strictObject({
  kind: z.literal("save"),
  workflow_id: WorkflowId.optional(),
  merge: z.literal(false).optional(),
  state: filled(StateInput),
});
const Merge = z.strictObject({
  kind: z.literal("save"),
  workflow_id: WorkflowId.optional(),
  merge: z.literal(true),
  state: filled(StateMerge),
});
const ReportStep = z.strictObject({
  kind: z.literal("step"),
  workflow_id: WorkflowId.optional(),
  index: z.int().nonnegative(),
  update: filled(StepUpdate),
});
const Clear = z.strictObject({ kind: z.literal("clear"), workflow_id: WorkflowId.optional() });
const Restore = z.strictObject({ kind: z.literal("restore"), workflow_id: WorkflowId });
const Claim = z.strictObject({
  kind: z.literal("claim"),
  workflow_id: WorkflowId,
  driver: z.string().min(1).max(128),
});
const Release = z.strictObject({ kind: z.literal("release"), workflow_id: WorkflowId });

const MOST_VALUES = 100;

/** A record is walked to its end whatever is wrong with it, so its size is looked at first. */
const Values = z
  .unknown()
  .refine(
    (value) =>
      typeof value !== "object" || value === null || Object.keys(value).length <= MOST_VALUES,
    { error: `must have at most ${MOST_VALUES} entries` },
  )
  .meta({
    type: "object",
    maxProperties: MOST_VALUES,
    propertyNames: { type: "string", maxLength: 64 },
    additionalProperties: { type: ["string", "number", "boolean"] },
  })
  .pipe(
    z.record(
      z.string().max(64),
      z.union([z.string(), z.number(), z.boolean()], {
        error: "must be text, a number, true or false",
      }),
    ),
  );
/** By its index or its action. */
const StepName = z.union([z.int().nonnegative(), z.string().min(1)], {
  error: "must be a step's action or its index",
});
const StepNames = z.array(StepName).max(LIMITS.steps);
/** The name of whoever asks, as they give it. */
const Asker = z.string().min(1).max(128);
const Start = z.strictObject({
  kind: z.literal("start"),
  name: z.string().min(1).max(200),
  inputs: Values.optional(),
  skip: StepNames.optional(),
  enable: StepNames.optional(),
  workflow_id: WorkflowId.optional(),
  by: Asker.optional(),
});
const Stop = z.strictObject({
  kind: z.literal("stop"),
  workflow_id: WorkflowId.optional(),
  now: z.boolean().optional(),
  by: Asker.optional(),
});
/** The `block_info.id` that was seen. */
const QuestionId = z.string().min(1).max(64);
const Answer = z.strictObject({
  kind: z.literal("answer"),
  workflow_id: WorkflowId.optional(),
  answer: Values,
  question: QuestionId.optional(),
  by: Asker.optional(),
});
/** An answer was a `resume` with an `answer` in it before it was a command of its own. That form is still taken, and nothing behind this schema knows it. */
const Resume = z
  .strictObject({
    kind: z.literal("resume"),
    workflow_id: WorkflowId.optional(),
    answer: Values.optional(),
    question: QuestionId.optional(),
    done: StepName.optional(),
    by: Asker.optional(),
  })
  .refine(({ answer, done }) => answer === undefined || done === undefined, {
    path: ["done"],
    message: "is said of an interrupted workflow, an answer is given to a blocked one",
  })
  .transform(({ answer, ...resume }) => {
    if (answer === undefined) return resume;
    const { done: _none, ...given } = resume;
    return { ...given, kind: "answer" as const, answer };
  });
const Retry = z
  .strictObject({
    kind: z.literal("retry"),
    workflow_id: WorkflowId.optional(),
    from: StepName.optional(),
    /** The recipe it was started with, or the one that is there now. */
    recipe: z.enum(["then", "now"], "must be then or now").optional(),
    inputs: Values.optional(),
    /** How many retries of it the one who asks knows of. */
    retries: z.int().nonnegative().optional(),
    by: Asker.optional(),
  })
  .refine(({ recipe, inputs }) => inputs === undefined || recipe === "now", {
    path: ["inputs"],
    message:
      'are given with the recipe as it is now ("recipe":"now"); a retry has those of the start',
  });

export const Command = z.discriminatedUnion("kind", [
  z.discriminatedUnion("merge", [Save, Merge]),
  ReportStep,
  Clear,
  Restore,
  Claim,
  Release,
  Start,
  Stop,
  Answer,
  Resume,
  Retry,
]);
export type Command = z.infer<typeof Command>;
export type CommandKind = Command["kind"];
export type CommandOf<Kind extends CommandKind> = Extract<Command, { kind: Kind }>;

/** A token is given out by the server and only ever echoed. */
export const FencingToken = z.int().positive();

/** A command and the conditions it comes with: what both doors make of their bytes. */
export interface Proposal {
  readonly command: Command;
  readonly requestId?: string | undefined;
  /** Compare-and-set: "any" asks only that the workflow exists, "none" that it does not, also not in the history. */
  readonly expected?:
    | { readonly epoch?: string | undefined; readonly revision: number }
    | "any"
    | "none"
    | undefined;
  readonly token?: number | undefined;
  /** The trace that it belongs to, in the form of the W3C. No part of the command: a repetition may come with another. */
  readonly traceparent?: string | undefined;
}
