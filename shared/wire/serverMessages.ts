/** Every frame that the server sends. PROTOCOL.md tells the story; what clients send stands in schema/clientMessages.ts. */
import type { ErrorCode, FieldError } from "../errors.js";
import type { Merging } from "../json/merge.js";
import type { PatchOperation } from "../json/patch.js";
import type { WorkflowState } from "../schema/workflow.js";
import type { Summary } from "../state/summary.js";
import type { LogTimes } from "./logTimes.js";
import type { DamagedWorkflow } from "./rest.js";
import type { StorageReason } from "./storage.js";

/** The state of the document `*`. The keys mean nothing. */
export interface ListState {
  readonly workflows: Readonly<Record<string, Summary>>;
  /** Where there are any. */
  readonly damaged?: Readonly<Record<string, DamagedWorkflow>>;
  /** How many more there are in the history, which only `GET /workflows` tells; missing where there were none so far. */
  readonly older?: number;
}

export type ClosedReason = "cleared" | "expired" | "unknown" | "damaged";

/** Each holds those before it: `admin` may also do what concerns others, such as revoking their links. */
export type Permission = "watch" | "drive" | "admin";

/** The frames that the server sends. Clients ignore keys and types they do not know. */
export type ServerMessage =
  | {
      type: "hello";
      protocol: number;
      server_time: string;
      boot_id: string;
      heartbeat_ms: number;
      can: readonly Permission[];
      /** The name of whoever has this socket, where the server knows: the name of the token, or of the host's user. */
      user?: string;
      /** Several followers of one output are told apart by their names. */
      named_followers?: boolean;
      /** Changes are told in this form, as the client offered. */
      changes?: "merge";
      /** The name of this server in its cluster; missing where it is alone. */
      node?: string;
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
  /** In a cluster: the node that keeps this output is not reached. `since` is null once it is again. */
  | {
      type: "log_away";
      workflow_id: string;
      step: number;
      attempt: number;
      node: string;
      since: string | null;
      follower?: string;
    }
  /** Only while nothing can be saved, and once when that is over. */
  | { type: "storage"; status: "ok" }
  | { type: "storage"; status: "failing"; reason: StorageReason }
  /** Since when this server cannot follow the store, RFC 3339: what it tells is as of then. Null once it follows again. */
  | { type: "stale"; since: string | null }
  | { type: "heartbeat"; server_time?: string }
  | { type: "pong"; server_time?: string };

export type Changed = Extract<ServerMessage, { type: "changed" }>;

/** The frame `changed` in the form `merge`. */
export type MergedChange = Omit<Changed, "patch"> & Merging;
