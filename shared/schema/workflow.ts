/** The state document: the seed's structure and more. Known keys are checked, unknown ones are kept. */
import * as z from "zod";
import { LIMITS } from "../limits.js";
import { WORKFLOW_ID } from "../names.js";
import { SERVER_KEYS } from "../serverKeys.js";
import {
  INTERRUPTION_REASONS,
  PROCESSES_LEFT,
  STEP_STATUSES,
  WHEN_BUSY,
  WORKFLOW_STATUSES,
} from "../statuses.js";
import { utcTime } from "../text/time.js";

export const WorkflowId = z
  .string()
  .regex(
    WORKFLOW_ID,
    "must be 1 to 128 letters, digits or . _ : - and start with a letter or digit",
  );
const WorkflowStatus = z.enum(WORKFLOW_STATUSES);
const StepStatus = z.enum(STEP_STATUSES);

const Text = z.string();

/** A fraction of a second may have any number of digits. */
export const MOST_TIME_CHARACTERS = 60;
/** As it is kept. */
const KeptTime = z.iso.datetime({ offset: true });
/** As it is sent: kept in UTC. */
const SentTime = Text.max(MOST_TIME_CHARACTERS).transform((text, context): string => {
  const time = utcTime(text);
  if (time !== null) return time;
  context.addIssue({
    code: "custom",
    message: 'must be a date with a time, such as "2026-11-25T21:07:50Z"',
  });
  return z.NEVER;
});
type TimeSchema = typeof KeptTime | typeof SentTime;

/** An object with anything in it; a record of unknown values would be walked twice as slowly. */
const AnyRecord = z.looseObject({});

const Task = z.looseObject({
  name: Text,
  status: Text.optional(),
  note: Text.nullish(),
});

/** Where an attempt's output says why it failed: the byte at which the line begins, and its number from 1 where that is known. */
const ErrorLineSchema = z.looseObject({
  offset: z.int().nonnegative(),
  line: z.int().positive().optional(),
});
export type ErrorLine = z.infer<typeof ErrorLineSchema>;

/** An attempt of a step that is over. */
const attemptWith = (time: TimeSchema) =>
  z.looseObject({
    attempt: z.int().positive(),
    status: StepStatus,
    started_at: time.nullish(),
    finished_at: time.nullish(),
    error: Text.nullish(),
    error_line: ErrorLineSchema.nullish(),
    exit_code: z.int().nullish(),
    log_bytes: z.int().nonnegative().optional(),
  });
export type Attempt = z.infer<ReturnType<typeof attemptWith>>;

/**
 * The fields of a step that are checked, in what is sent and in what is kept. A field that is new here is checked in older records, too,
 * where a driver may have kept anything under its name: then it belongs into `sentStep`, and its readers look at its type.
 */
const stepFields = (time: TimeSchema) => ({
  action: Text.min(1),
  status: StepStatus,
  index: z.int(),
  title: Text.optional(),
  attempt: z.int().positive().optional(),
  started_at: time.nullish(),
  /** The start of its first attempt, where there were several. */
  first_started_at: time.nullish(),
  finished_at: time.nullish(),
  progress: z.number().min(0).max(1).nullish(),
  message: Text.nullish(),
  /** `output`: the message is only the line that was printed last, and goes with the step's end. */
  message_from: Text.nullish(),
  error: Text.nullish(),
  error_line: ErrorLineSchema.nullish(),
  data: z.unknown().optional(),
  tasks: z.array(Task).optional(),
  completion_note: Text.nullish(),
  notes: z.array(Text).optional(),
  attempts: z.array(attemptWith(time)).optional(),
  retry_at: time.nullish(),
  answer: z.unknown().optional(),
  answered: z
    .looseObject({
      at: time,
      by: Text.nullish(),
      id: Text.optional(),
      prompt: Text.optional(),
    })
    .nullish(),
  log_bytes: z.int().nonnegative().optional(),
});

const KeptStep = z.looseObject(stepFields(KeptTime));
/** A step as it is kept. `steps` are the branches of a parallel step; `branchesOf` reads them, as a driver's own field may be called so in an older record. */
export type Step = z.infer<typeof KeptStep> & { steps?: Step[] | undefined };
export const Step = KeptStep as unknown as z.ZodType<Step>;

/** As a type it may be anything, so that a step that is kept can be sent. */
const noBranches = z
  .never("cannot stand in a branch: it has no branches of its own")
  .optional() as unknown as z.ZodOptional<z.ZodUnknown>;
const SentBranch = z
  .looseObject({ ...stepFields(SentTime), steps: noBranches })
  .partial({ status: true, index: true });
const sentStep = {
  ...stepFields(SentTime),
  /** The branches of a parallel step, which run at the same time. */
  steps: z.array(SentBranch).max(LIMITS.branches).optional(),
};

/** A step as a driver may send it in a whole state: the rest is filled in. */
export const StepInput = z.looseObject(sentStep).partial({ status: true, index: true });
export type StepInput = z.infer<typeof StepInput>;

/** A part of a step; `index` is the server's and not among what may be changed. */
export const StepUpdate = z.looseObject(sentStep).partial();
export type StepUpdate = z.infer<typeof StepUpdate>;

const blockInfoWith = (time: TimeSchema) =>
  z.looseObject({
    id: Text.optional(),
    step: z.int().nonnegative().nullish(),
    block_reason: Text.optional(),
    prompt: Text.optional(),
    fields: z.unknown().optional(),
    default: z.unknown().optional(),
    asked_at: time.nullish(),
    deadline: time.nullish(),
    on_deadline: z.enum(["default", "fail"]).nullish(),
  });
export type BlockInfo = z.infer<ReturnType<typeof blockInfoWith>>;

/** The group it runs in, how many of that may run at once, and what it does where too many do. */
const ConcurrencySchema = z.looseObject({
  group: Text,
  limit: z.int().positive(),
  when_busy: z.enum(WHEN_BUSY),
});
export type Concurrency = z.infer<typeof ConcurrencySchema>;

const stateFields = (time: TimeSchema) => ({
  workflow_id: WorkflowId,
  name: Text.optional(),
  title: Text.optional(),
  status: WorkflowStatus,
  current_step: z.int().nonnegative(),
  steps: z.array(Step).max(LIMITS.steps),
  start_time: time,
  last_update: time,
  end_time: time.nullish(),
  error_message: Text.nullish(),
  block_info: blockInfoWith(time).nullish(),
  driver: z.looseObject({ name: Text, since: time }).optional(),
  interruption: z
    .looseObject({
      at: time,
      reason: z.enum(INTERRUPTION_REASONS),
      step: z.int().nullable(),
      /** The indexes of its branches that were under way. */
      branches: z.array(z.int()).optional(),
      since: time.nullish(),
      last_seen: time.optional(),
      processes: z.enum(PROCESSES_LEFT).optional(),
      /** From then on a server goes on with it, whoever is asked. */
      goes_on_at: time.optional(),
      note: Text.optional(),
    })
    .optional(),
  definition: Text.optional(),
  inputs: AnyRecord.optional(),
  /** Names of inputs that only those who may drive get to see. */
  hidden_inputs: z.array(Text).nullish(),
  queued: z
    .looseObject({
      since: time,
      group: Text.optional(),
      behind: WorkflowId.optional(),
      /** No node that is there has all of these. */
      labels: z.array(Text).optional(),
    })
    .optional(),
  concurrency: ConcurrencySchema.optional(),
  /** The workflow of its group for which it was cancelled. */
  replaced_by: WorkflowId.optional(),
  stop_requested: z.looseObject({ at: time, now: z.boolean().optional() }).optional(),
  /** The one who asked it to stop; as older records may have anything here, its readers look at its type. */
  stopped_by: z.unknown().optional(),
  retried_from: z
    .looseObject({
      workflow_id: WorkflowId,
      step: z.int(),
      /** By which recipe, and whether it was another one by then. */
      recipe: z.looseObject({ from: Text, changed: z.boolean() }).optional(),
    })
    .optional(),
  recovered_from_backup: z.looseObject({ at: time, saved_at: time }).optional(),
});

/** The state as it is kept and broadcast. */
export const WorkflowState = z.looseObject(stateFields(KeptTime));
export type WorkflowState = z.infer<typeof WorkflowState>;
export type Driver = NonNullable<WorkflowState["driver"]>;
export type Interruption = NonNullable<WorkflowState["interruption"]>;
export type Queued = NonNullable<WorkflowState["queued"]>;
export type Task = z.infer<typeof Task>;

const serverKeys = Object.fromEntries(SERVER_KEYS.map((key) => [key, z.unknown()])) as Record<
  (typeof SERVER_KEYS)[number],
  z.ZodUnknown
>;

/** A whole state as a driver may send it: what is missing is filled in. */
export const StateInput = z
  .looseObject({
    ...stateFields(SentTime),
    ...serverKeys,
    steps: z.array(StepInput).max(LIMITS.steps),
    start_time: SentTime.nullish(),
  })
  .partial();
export type StateInput = z.infer<typeof StateInput>;

/** An RFC 7396 merge patch of the top level: null removes a key. */
export const StateMerge = z
  .looseObject({
    ...StateInput.shape,
    name: Text.nullish(),
    title: Text.nullish(),
  })
  .partial();
export type StateMerge = z.infer<typeof StateMerge>;
