/** Every frame that crosses the socket. PROTOCOL.md tells the story. */
import * as z from "zod";
import type { ErrorCode, FieldError } from "../errors.js";
import type { PatchOperation } from "../json/patch.js";
import { LIST } from "../names.js";
import type { Summary } from "../state/summary.js";
import type { LogTimes } from "../wire/logTimes.js";
import type { DamagedWorkflow } from "../wire/rest.js";
import type { StorageReason } from "../wire/storage.js";
import { Command, FencingToken, RequestId } from "./command.js";
import { WorkflowId, type WorkflowState } from "./workflow.js";

export {
  CURRENT,
  LIST,
  LIVE_PATH,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL,
} from "../names.js";

/** Counts accepted changes. `epoch` names the counter: a document that starts again starts a new one. */
export const Position = z.strictObject({
  epoch: z.string().min(1).max(64),
  revision: z.int().nonnegative(),
});
export type Position = z.infer<typeof Position>;

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

/** The state of the document `*`. The keys mean nothing. */
export interface ListState {
  readonly workflows: Readonly<Record<string, Summary>>;
  /** Where there are any. */
  readonly damaged?: Readonly<Record<string, DamagedWorkflow>>;
  /** How many more there are in the history, which only `GET /workflows` tells; missing where there were none so far. */
  readonly older?: number;
}

export type ClosedReason = "cleared" | "expired" | "unknown" | "damaged";

export type Permission = "watch" | "drive";

/** What we send. Clients ignore keys and types they do not know. */
export type ServerMessage =
  | {
      type: "hello";
      protocol: number;
      server_time: string;
      boot_id: string;
      heartbeat_ms: number;
      can: readonly Permission[];
      /** Several followers of one output are told apart by their names. */
      named_followers?: boolean;
    }
  | { type: "current"; workflow_id: string | null }
  | {
      type: "snapshot";
      workflow_id: string;
      epoch: string;
      revision: number;
      state: WorkflowState | ListState;
    }
  | {
      type: "changed";
      workflow_id: string;
      epoch: string;
      base: number;
      revision: number;
      patch: readonly PatchOperation[];
    }
  | { type: "resumed"; workflow_id: string; epoch: string; revision: number }
  | {
      type: "closed";
      workflow_id: string;
      epoch: string | null;
      revision: number | null;
      reason: ClosedReason;
    }
  | {
      type: "accepted";
      request_id: string;
      workflow_id: string | null;
      epoch: string | null;
      revision: number | null;
      token?: number;
      lease_ms?: number;
    }
  | {
      type: "refused";
      request_id: string | null;
      code: ErrorCode;
      message: string;
      retry: boolean;
      workflow_id?: string;
      epoch?: string | null;
      revision?: number | null;
      errors?: readonly FieldError[];
    }
  | {
      type: "log";
      workflow_id: string;
      step: number;
      attempt: number;
      from: number;
      next: number;
      text: string;
      skipped?: number;
      /** When the bytes came, the first entry at `from`; missing where nobody knows. */
      at?: LogTimes;
      follower?: string;
    }
  | {
      type: "log_end";
      workflow_id: string;
      step: number;
      attempt: number | null;
      next: number | null;
      reason: "over" | "cleared" | "unknown";
      follower?: string;
    }
  /** Only while nothing can be saved, and once when that is over. */
  | { type: "storage"; status: "ok" }
  | { type: "storage"; status: "failing"; reason: StorageReason }
  | { type: "heartbeat"; server_time?: string }
  | { type: "pong"; server_time?: string };
