/** The answers of REST as schemas, by the names that the OpenAPI document gives them: what shared/wire/ has as types. */
import * as z from "zod";
import { WorkflowState } from "../../shared/schema/workflow.js";
import { EVENT_TYPES, ON_RESTART, STEP_WHEN, WHEN_BUSY } from "../../shared/statuses.js";
import { STORAGE_REASONS } from "../../shared/wire/storage.js";
import {
  Code,
  Count,
  Damaged,
  FieldError,
  growing,
  LogTimes,
  MaybeText,
  MaybeTime,
  Progress,
  Status,
  Summary,
  Text,
  Time,
} from "./wireSchema.js";

const success = z.literal(true);
const position = { epoch: Text, revision: Count };

const StateAnswer = z.union([
  z.object({
    success,
    active: z.literal(false),
    state: z.null(),
    damaged: Damaged.optional(),
  }),
  z.object({ success, active: z.boolean(), state: WorkflowState, ...position }),
]);

/** Of a write: the position that it led to. */
const outcome = (...messages: [string, ...string[]]) =>
  z.object({ success, message: growing(messages), workflow_id: Text, ...position });

const GroupOf = z.object({ group: Text, limit: z.int().positive(), when_busy: z.enum(WHEN_BUSY) });

/** A field of inputs, or of a question. */
const described = {
  title: Text.optional(),
  description: Text.optional(),
  required: z.boolean().optional(),
};
const Field = z.union([
  z.object({
    ...described,
    type: z.literal("string"),
    default: Text.optional(),
    pattern: Text.optional(),
  }),
  z.object({
    ...described,
    type: z.literal("number"),
    default: z.number().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.object({ ...described, type: z.literal("boolean"), default: z.boolean().optional() }),
  z.object({
    ...described,
    type: z.literal("choice"),
    options: z.array(Text),
    default: Text.optional(),
  }),
  z.object({
    ...described,
    type: z.literal("secret"),
    from: z.union([z.object({ env: Text }), z.object({ file: Text }), z.literal("***")]).optional(),
  }),
  z.object({ ...described, type: z.literal("ssh"), default: Text.optional() }),
]);

const DefinedStep = z.object({
  action: Text,
  title: Text.optional(),
  enabled: z.boolean(),
  idempotent: z.boolean(),
  asks: z.boolean(),
  get parallel() {
    return z.array(DefinedStep).optional();
  },
  max: z.int().positive().optional(),
});

const Definition = z.object({
  name: Text,
  title: Text.optional(),
  description: Text.optional(),
  file: Text.optional(),
  example: z.boolean().optional(),
  on_restart: z.enum(ON_RESTART),
  concurrency: GroupOf.optional(),
  inputs: z.record(z.string(), Field),
  steps: z.array(DefinedStep),
  last: z.object({ workflow_id: Text, status: Status, ended_at: Text }).nullable(),
  usual_ms: z.number().nullable(),
});

const PlannedStep = z.object({
  number: Text,
  action: Text,
  title: Text.optional(),
  runs: z.boolean(),
  when: z.enum(STEP_WHEN),
  asks: z
    .object({
      prompt: Text,
      fields: z.array(Text),
      deadline_ms: z.number().optional(),
      conditional: z.boolean(),
    })
    .optional(),
  timeout_ms: z.number().optional(),
  retries: Count,
  continue_on_error: z.boolean(),
  idempotent: z.boolean(),
  variables: z.array(Text),
  get steps() {
    return z.array(PlannedStep).optional();
  },
  max: z.int().positive().optional(),
});

const Plan = z.object({
  name: Text,
  title: Text.optional(),
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  notes: z.array(Text),
  timeout_ms: z.number().optional(),
  concurrency: GroupOf.optional(),
  steps: z.array(PlannedStep),
});

const DefinitionsAnswer = z.object({
  success,
  command_line: z.object({ program: Text, example: Text.optional(), folder: MaybeText }).optional(),
  definitions: z.array(Definition),
  problems: z.array(
    z.object({
      file: Text,
      line: z.int().nullable(),
      column: z.int().nullable(),
      field: MaybeText,
      where: Text.optional(),
      message: Text,
    }),
  ),
});

const Delivery = z.object({
  id: Text,
  webhook: Text,
  host: MaybeText,
  event: growing(EVENT_TYPES),
  revision: Count,
  status: growing(["waiting", "delivered", "failed", "dropped"]),
  created_at: Time,
  tries: Count,
  next_try_at: MaybeTime,
  last_try_at: MaybeTime,
  code: z.int().nullable(),
  error: MaybeText,
  answer: MaybeText,
});

const Share = z.object({
  number: Text,
  workflow_id: Text,
  epoch: Text,
  ends_at: Time,
  made_at: Time,
  by: Text.optional(),
});

/** RFC 9457, with the seed's `success` and `message` inside. */
const Problem = z.object({
  type: z.string().startsWith("urn:instep:problem:"),
  title: Text,
  status: z.int(),
  detail: Text,
  success: z.literal(false),
  message: Text,
  code: Code,
  retry: z.boolean(),
  errors: z.array(FieldError).max(10),
  epoch: MaybeText.optional(),
  revision: Count.nullable().optional(),
  next: Count.optional(),
});

const step = { workflow_id: Text, step: Count, attempt: z.int().positive() };

/** By name: each is a component of the OpenAPI document. */
export const ANSWERS = {
  State: WorkflowState,
  StateAnswer,
  Saved: outcome("Workflow state saved"),
  Cleared: z.object({ success, message: growing(["Workflow state cleared"]) }),
  SummaryAnswer: z.object({ success, summary: Progress }),
  Summary,
  Damaged,
  ListAnswer: z.object({
    success,
    workflows: z.array(Summary),
    damaged: z.array(Damaged).optional(),
    counts: z.record(z.string(), Count).optional(),
    next: MaybeText,
  }),
  LogAppended: z.object({ success, message: Text, ...step, from: Count, next: Count }),
  LogTimes: z.object({ success, ...step, from: Count, next: Count, times: LogTimes }),
  Delivery,
  Deliveries: z.object({
    success,
    workflow_id: Text,
    epoch: Text,
    deliveries: z.array(Delivery),
  }),
  DeliveryRetried: z.object({ success, message: Text, delivery: Delivery }),
  Field,
  DefinedStep,
  Definitions: DefinitionsAnswer,
  Started: outcome("Workflow started"),
  PlannedStep,
  Planned: z.object({ success, message: Text, plan: Plan }),
  Stopped: outcome("Workflow is stopping", "Workflow stopped"),
  Answered: outcome("Answer taken"),
  WentOn: outcome("Workflow resumed", "Answer taken"),
  Restored: outcome("Workflow restored"),
  Share,
  ShareMade: z.object({ success, message: Text, share: Share, token: Text, path: Text }),
  Shares: z.object({ success, shares: z.array(Share) }),
  CameAs: z.object({
    success,
    peer: z.string().nullable(),
    trusted: z.boolean(),
    client: z.string().nullable(),
    host: z.string().nullable(),
    forwarded: z.strictObject({
      for: z.string().optional(),
      host: z.string().optional(),
      prefix: z.string().optional(),
      proto: z.string().optional(),
      forwarded: z.string().optional(),
    }),
  }),
  ShareTaken: z.object({ success, message: Text, share: Share }),
  Schema: z.looseObject({}),
  Healthy: z.object({ status: z.literal("ok") }),
  Ready: z.object({
    status: z.literal("ready"),
    damaged: Count.optional(),
    clocks_apart: z.record(z.string(), z.number()).optional(),
  }),
  NotReady: z.union([
    z.object({ status: z.literal("draining") }),
    z.object({ status: z.literal("failing"), reason: growing(STORAGE_REASONS) }),
    z.object({ status: z.literal("stale"), since: Time }),
  ]),
  Problem,
} as const;

/** The name of an answer's schema. */
export type AnswerName = keyof typeof ANSWERS;
