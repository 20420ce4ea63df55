/** The commands that the server itself gives, beside those of clients: no request id, no receipt. Pure. */
import type { Interruption } from "../../../shared/schema/workflow.js";
import { type HookRun, withHookRun } from "../../../shared/state/hookRuns.js";
import { isEnded, type PROCESSES_LEFT } from "../../../shared/statuses.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../store/record.js";
import { type LostNode, type Regaining, regained, withLostNode } from "./nodeLoss.js";
import { type ReduceContext, timeOf } from "./outcome.js";
import { settleCancelled, settleInterruption } from "./settle.js";
import { stopped } from "./stopping.js";
import type { Prepared, RunnerLease, WaitsFor } from "./submission.js";
import { underLease } from "./takingUp.js";

type ServersReason = Exclude<Interruption["reason"], "restored">;

/** A command of the server's own. */
export type ServerCommand =
  | {
      readonly kind: "interrupt";
      readonly reason: ServersReason;
      /** Of a cluster: the node that ran it. */
      readonly lost?: LostNode;
    }
  /** Its turn has come; or its question, or all that it had at work, outlived the server that ran it. */
  | { readonly kind: "take"; readonly lease: RunnerLease }
  /** Its node was taken for lost, and has all of it still. */
  | ({ readonly kind: "regain" } & Regaining)
  /** It waits for this now; where nothing is named, only for a free place. */
  | ({ readonly kind: "behind" } & WaitsFor)
  /** Another one of its group is to run in its place. */
  | ({ readonly kind: "replace"; readonly by: string } & Pick<Prepared, "lease" | "behind">)
  /** The processes that a dead server left: ended, being ended, or perhaps still running. */
  | {
      readonly kind: "processes";
      readonly left: (typeof PROCESSES_LEFT)[number];
      readonly note: string;
    }
  /** A command was told of what happened, or is being told: also of a workflow that has ended. */
  | { readonly kind: "hook"; readonly run: HookRun }
  /** A sentence to be added to an interruption's note. */
  | { readonly kind: "note"; readonly note: string };

const GONE_WHILE_STOPPING =
  "It was asked to stop, and then its driver was gone: what it had started may still be running.";

/** The next record, or null where there is nothing to do. */
export function reduceServerCommand(
  record: WorkflowRecord,
  command: ServerCommand,
  { now, clearAfterMs }: Pick<ReduceContext, "now" | "clearAfterMs">,
): WorkflowRecord | null {
  if (!isLive(record)) return null;
  if (command.kind === "hook") {
    return {
      ...record,
      state: withHookRun(record.state, command.run),
      revision: record.revision + 1,
    };
  }
  if (isEnded(record.state.status)) return null;
  const next = change(record, command, timeOf({ now }));
  if (next === null) return null;
  const clear_at = isEnded(next.state.status) ? now + clearAfterMs : null;
  return { ...next, revision: record.revision + 1, clear_at };
}

function change(
  record: LiveRecord,
  command: Exclude<ServerCommand, { kind: "hook" }>,
  now: string,
): LiveRecord | null {
  switch (command.kind) {
    case "interrupt":
      return interrupted(record, command, now);
    case "take":
      return taken(record, command.lease, now);
    case "regain":
      return regained(record, command, now);
    case "behind": {
      const { kind: _, ...behind } = command;
      const { queued } = record.state;
      const known = queued && { since: queued.since, ...behind };
      return known
        ? { ...record, state: { ...record.state, queued: known, last_update: now } }
        : null;
    }
    case "replace": {
      if (record.state.stop_requested) return null;
      const state = { ...record.state, replaced_by: command.by };
      return stopped({ ...record, state }, { kind: "stop" }, command, now);
    }
    case "processes":
      return withKnown(
        waitingWith(record, command.left),
        { processes: command.left, note: command.note },
        now,
      );
    case "note": {
      const before = record.state.interruption?.note;
      const note = before === undefined ? command.note : `${before} ${command.note}`;
      return withKnown(record, { note }, now);
    }
  }
}

/** With processes that cannot be ended it waits for somebody, also where it was to go on by itself. */
function waitingWith(
  record: LiveRecord,
  left: Extract<ServerCommand, { kind: "processes" }>["left"],
): LiveRecord {
  const { goes_on_at, ...interruption } = record.state.interruption ?? {};
  if (left !== "may_be_running" || goes_on_at === undefined) return record;
  return { ...record, state: { ...record.state, interruption: interruption as Interruption } };
}

function withKnown(
  record: LiveRecord,
  known: Partial<Interruption>,
  last_update: string,
): LiveRecord | null {
  const { state } = record;
  if (!state.interruption) return null;
  const interruption = { ...state.interruption, ...known };
  return { ...record, state: { ...state, interruption, last_update } };
}

/** After these the runner first looks for processes that are left. */
const LOOKED_AFTER: ReadonlySet<ServersReason> = new Set(["server_restart", "node_lost"]);

function interrupted(
  record: LiveRecord,
  { reason, lost: node }: Extract<ServerCommand, { kind: "interrupt" }>,
  now: string,
): LiveRecord | null {
  const lost = record.lease !== null;
  if (record.state.status === "interrupted" && !lost) return null;
  const isStopped = record.state.stop_requested !== undefined && !LOOKED_AFTER.has(reason);
  if (isStopped)
    return {
      ...record,
      state: settleCancelled(record.state, now, GONE_WHILE_STOPPING),
      lease: null,
    };
  const state = settleInterruption(reason, record.state, now);
  return { ...record, state: node ? withLostNode(state, node) : state, lease: null };
}

/** Null where the workflow waits for nobody any more: somebody else was quicker. */
function taken(record: LiveRecord, lease: RunnerLease, now: string): LiveRecord | null {
  const { queued, status } = record.state;
  const waitsForUs = record.lease?.boot_id !== undefined && record.lease.boot_id !== lease.boot_id;
  if (!queued && !((status === "blocked" || status === "running") && waitsForUs)) return null;
  const held = underLease(record, { lease }, now);
  return { ...held, state: { ...held.state, last_update: now } };
}
