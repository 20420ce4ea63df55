/** Every frame that a client may send. PROTOCOL.md tells the story; what the server sends stands in wire/serverMessages.ts. */
import * as z from "zod";
import { LIST } from "../names.js";
import { Command, FencingToken, RequestId } from "./command.js";
import { Position } from "./position.js";
import { WorkflowId } from "./workflow.js";

const Subject = z.union([z.literal(LIST), WorkflowId], {
  error: `must be a workflow's id, "current" or "${LIST}"`,
});

const Subscribe = z.strictObject({
  type: z.literal("subscribe"),
  workflow_id: Subject,
  last: Position.nullish(),
});
const Unsubscribe = z.strictObject({ type: z.literal("unsubscribe"), workflow_id: Subject });
const Propose = z
  .strictObject({
    type: z.literal("propose"),
    request_id: RequestId,
    command: Command,
    expected_revision: z.int().nonnegative().optional(),
    expected_epoch: z.string().min(1).max(64).optional(),
    token: FencingToken.optional(),
    traceparent: z.string().max(512).optional(),
  })
  .refine(
    ({ expected_epoch, expected_revision }) =>
      expected_epoch === undefined || expected_revision !== undefined,
    { path: ["expected_revision"], message: "is required beside expected_epoch" },
  );
const Ping = z.strictObject({ type: z.literal("ping") });

/** Tells one follower of an output from another on the same socket. */
const Follower = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, "must be 1 to 64 visible ASCII characters");

/** An offset in an attempt's output. */
const Offset = z.int().nonnegative();
const FollowLog = z
  .strictObject({
    type: z.literal("follow_log"),
    workflow_id: WorkflowId,
    step: z.int().nonnegative(),
    epoch: z.string().min(1).max(128).optional(),
    attempt: z.int().positive().optional(),
    from: Offset.optional(),
    tail: Offset.optional(),
    follower: Follower.optional(),
  })
  .refine(({ from, tail }) => from === undefined || tail === undefined, {
    path: ["tail"],
    message: "cannot stand beside from",
  });
const UnfollowLog = z.strictObject({
  type: z.literal("unfollow_log"),
  workflow_id: WorkflowId,
  step: z.int().nonnegative(),
  follower: Follower.optional(),
});

export const ClientMessage = z.discriminatedUnion("type", [
  Subscribe,
  Unsubscribe,
  Propose,
  Ping,
  FollowLog,
  UnfollowLog,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;
export type SubscribeMessage = z.infer<typeof Subscribe>;
export type ProposeMessage = z.infer<typeof Propose>;
export type FollowLogMessage = z.infer<typeof FollowLog>;
export type UnfollowLogMessage = z.infer<typeof UnfollowLog>;
