/** The frames that the server sends as schemas, by their type: what shared/wire/serverMessages.ts has as types. */
import * as z from "zod";
import { WorkflowState } from "../../shared/schema/workflow.js";
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
  Summary,
  Text,
  Time,
} from "./wireSchema.js";

const attempt = z.int().positive();
const position = { workflow_id: Text, epoch: Text, revision: Count };
const nowhere = { epoch: MaybeText, revision: Count.nullable() };
const followed = { workflow_id: Text, step: Count };
const follower = Text.optional();

/** The document `*`; the keys mean nothing. */
const ListState = z.object({
  workflows: z.record(z.string(), Summary),
  damaged: z.record(z.string(), Damaged).optional(),
  older: Count.optional(),
});

const Operation = z.union([
  z.object({ op: z.enum(["add", "replace"]), path: Text, value: z.unknown() }),
  z.object({ op: z.literal("remove"), path: Text }),
]);

const frame = <Type extends string, Shape extends z.core.$ZodLooseShape>(
  type: Type,
  shape: Shape,
) => z.object({ type: z.literal(type), ...shape });

/** By type: each is a message of the AsyncAPI document. */
export const SERVER_FRAMES = {
  hello: frame("hello", {
    protocol: z.int().positive(),
    server_time: Time,
    boot_id: Text,
    heartbeat_ms: z.int().positive(),
    can: z.array(growing(["watch", "drive", "admin"])),
    user: Text.optional(),
    named_followers: z.boolean().optional(),
    changes: growing(["merge"]).optional(),
    node: Text.optional(),
  }),
  current: frame("current", { workflow_id: MaybeText }),
  snapshot: frame("snapshot", { ...position, state: z.union([WorkflowState, ListState]) }),
  changed: frame("changed", {
    ...position,
    base: Count,
    patch: z.array(Operation).optional(),
    /** Only where `hello` says `changes: merge`. */
    merge: z.record(z.string(), z.looseObject({})).optional(),
  }),
  resumed: frame("resumed", position),
  closed: frame("closed", {
    workflow_id: Text,
    ...nowhere,
    reason: growing(["cleared", "expired", "unknown", "damaged"]),
  }),
  accepted: frame("accepted", {
    request_id: Text,
    workflow_id: MaybeText,
    ...nowhere,
    token: z.int().positive().optional(),
    lease_ms: z.int().positive().optional(),
  }),
  refused: frame("refused", {
    request_id: MaybeText,
    code: Code,
    message: Text,
    retry: z.boolean(),
    workflow_id: Text.optional(),
    epoch: MaybeText.optional(),
    revision: Count.nullable().optional(),
    errors: z.array(FieldError).max(10).optional(),
  }),
  log: frame("log", {
    ...followed,
    attempt,
    from: Count,
    next: Count,
    text: Text,
    skipped: Count.optional(),
    at: LogTimes.optional(),
    follower,
  }),
  log_end: frame("log_end", {
    ...followed,
    attempt: attempt.nullable(),
    next: Count.nullable(),
    reason: growing(["over", "cleared", "unknown"]),
    follower,
  }),
  log_away: frame("log_away", { ...followed, attempt, node: Text, since: MaybeTime, follower }),
  storage: frame("storage", {
    status: z.enum(["ok", "failing"]),
    reason: growing(STORAGE_REASONS).optional(),
  }),
  stale: frame("stale", { since: MaybeTime }),
  heartbeat: frame("heartbeat", { server_time: Time.optional() }),
  pong: frame("pong", { server_time: Time.optional() }),
} as const;
