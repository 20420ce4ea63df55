/** From what a driver sent to a state that can be kept: gaps filled, the server's fields set, times stamped. Pure. */
import {
  type Interruption,
  isEnded,
  SERVER_KEYS,
  type StateInput,
  type StateMerge,
  type Step,
  type StepInput,
  type StepStatus,
  type StepUpdate,
  type WorkflowState,
  type WorkflowStatus,
} from "../../shared/workflow.js";
import { attemptOf, isFinished } from "./outputs.js";

/** A whole state over the one before it (null at the start). */
export function settleWhole(
  input: StateInput,
  workflowId: string,
  before: WorkflowState | null,
  now: string,
): WorkflowState {
  const steps = (input.steps ?? []).map((step, index) => settleStep(step, index, before, now));
  const own = {
    workflow_id: workflowId,
    status: input.status ?? "running",
    current_step: input.current_step ?? 0,
    steps,
    start_time: input.start_time ?? before?.start_time ?? now,
    last_update: now,
  };
  return withEnd(Object.assign(withoutServerKeys(input), own, kept(before)));
}

/** RFC 7396 on the top level: null removes a key; `steps`, where given, are replaced whole. */
export function settleMerge(input: StateMerge, before: WorkflowState, now: string): WorkflowState {
  const merged: Record<string, unknown> = { ...before };
  for (const key of Object.keys(input)) {
    const value = input[key];
    if (value === undefined || IS_SERVER_KEY.has(key)) continue;
    if (value === null) delete merged[key];
    else if (key === "steps")
      merged.steps = (value as StepInput[]).map((step, i) => settleStep(step, i, before, now));
    else merged[key] = value;
  }
  const own = {
    workflow_id: before.workflow_id,
    start_time: input.start_time ?? before.start_time,
    last_update: now,
  };
  return withEnd(Object.assign(merged as WorkflowState, own));
}

/** A part of one step. A report also wakes a workflow that was taken for silent, and says where the work is. */
export function settleStepUpdate(
  index: number,
  update: StepUpdate,
  before: WorkflowState,
  now: string,
): WorkflowState {
  const old = before.steps[index]!;
  const waking = before.status === "interrupted";
  const status =
    update.status ?? (waking && old.status === "interrupted" ? "in_progress" : old.status);
  const step: Step = { ...old, ...definedOnly(update), status, index };
  if (update.message !== undefined && update.message_from === undefined) delete step.message_from;
  if (update.status !== undefined) stamp(step, old, update, now);
  keepFirstStart(step, old, update);
  return withEnd({
    ...before,
    steps: before.steps.with(index, step),
    current_step: update.status !== undefined && status !== "pending" ? index : before.current_step,
    status: statusAfter(update.status, before),
    last_update: now,
  });
}

/** What the server itself says when a driver is gone, or nobody is left who could say it. */
export function settleCancelled(
  before: WorkflowState,
  now: string,
  errorMessage: string | null,
): WorkflowState {
  return withEnd({
    ...before,
    status: "cancelled",
    steps: before.steps.map((step) =>
      isUnderWay(step.status) || step.status === "interrupted"
        ? {
            ...withoutPrinted(step),
            status: "cancelled" as const,
            finished_at: step.finished_at ?? now,
          }
        : step,
    ),
    ...(errorMessage === null ? {} : { error_message: errorMessage }),
    last_update: now,
  });
}

export function settleInterruption(
  reason: Interruption["reason"],
  before: WorkflowState,
  now: string,
): WorkflowState {
  const { driver: _gone, block_info: _unasked, ...rest } = before;
  const running = before.steps.findIndex((step) => isUnderWay(step.status));
  const since = before.steps[running]?.started_at;
  return {
    ...(rest as WorkflowState),
    status: "interrupted",
    steps: before.steps.map((step) =>
      isUnderWay(step.status) ? { ...step, status: "interrupted" as const } : step,
    ),
    interruption: {
      at: now,
      reason,
      step: running === -1 ? null : running,
      ...(since == null ? {} : { since }),
      last_seen: before.interruption?.last_seen ?? before.last_update,
    },
    last_update: now,
  };
}

const isUnderWay = (status: StepStatus): boolean =>
  status === "in_progress" || status === "blocked";

/** A step that is so was under way before, also where nobody said since when. */
const HAD_RUN: ReadonlySet<StepStatus> = new Set([
  "completed",
  "failed",
  "cancelled",
  "interrupted",
]);

/** Times that a driver leaves out of a whole state are filled in from what the server saw before. */
function settleStep(
  input: StepInput,
  index: number,
  before: WorkflowState | null,
  now: string,
): Step {
  const step: Step = { ...input, status: input.status ?? "pending", index };
  const old = before?.steps[index];
  if (old?.action !== step.action) return step;
  for (const key of ["attempt", "started_at", "first_started_at", "finished_at"] as const) {
    if (input[key] === undefined && old[key] !== undefined)
      Object.assign(step, { [key]: old[key] });
  }
  if (step.status !== old.status) stamp(step, old, input, now);
  keepFirstStart(step, old, input);
  return step;
}

/** A step takes as long as all its attempts and what lies between them. */
function keepFirstStart(step: Step, old: Step, update: StepUpdate): void {
  const isNext = attemptOf(step) > attemptOf(old) && old.started_at != null;
  if (isNext && update.first_started_at === undefined)
    step.first_started_at = old.first_started_at ?? old.started_at;
}

/** Of a step that has ended: what happened to be printed last says nothing of it. */
export function withoutPrinted(step: Step): Step {
  if (step.message_from !== "output") return step;
  const { message: _printed, message_from: _from, ...rest } = step;
  return rest as Step;
}

function stamp(step: Step, old: Step, update: StepUpdate, now: string): void {
  if (step.status === "pending") {
    clear(step, ["started_at", "first_started_at", "finished_at"], update);
  } else if (
    step.status === "in_progress" &&
    old.status !== "in_progress" &&
    old.status !== "blocked"
  ) {
    const again = old.started_at != null || HAD_RUN.has(old.status);
    if (update.attempt === undefined)
      step.attempt = again ? (old.attempt ?? 1) + 1 : (old.attempt ?? 1);
    if (update.started_at === undefined) step.started_at = now;
    // A new attempt starts with a clean slate, apart from what its own report says.
    clear(
      step,
      [
        "finished_at",
        "error",
        "error_line",
        "progress",
        "message",
        "message_from",
        "completion_note",
      ],
      update,
    );
  } else if (isFinished(step) && !isFinished(old)) {
    if (update.finished_at === undefined) step.finished_at = now;
    if (step.message_from === "output") clear(step, ["message", "message_from"], {});
  }
}

function clear(step: Step, keys: readonly (keyof Step)[], except: StepUpdate): void {
  for (const key of keys) if (except[key] === undefined) delete step[key];
}

function statusAfter(
  reported: StepStatus | undefined,
  before: WorkflowState,
): WorkflowState["status"] {
  if (reported === "blocked") return "blocked";
  if (reported === "interrupted") return before.status;
  if (before.status === "blocked") return reported === undefined ? "blocked" : "running";
  return before.status === "interrupted" ? "running" : before.status;
}

/** Fields that belong to one status go with it. The same state where none has to: a state may have tens of thousands of keys, and a copy has its price. */
export function withEnd(state: WorkflowState): WorkflowState {
  const isOver = isEnded(state.status);
  const gone = FIELDS_OF_STATUS.filter(
    ({ key, belongs }) => Object.hasOwn(state, key) && !belongs(state.status),
  );
  const needsEnd = isOver && state.end_time == null;
  if (gone.length === 0 && !needsEnd) return state;
  const settled = { ...state };
  for (const { key } of gone) delete settled[key];
  if (needsEnd) settled.end_time = settled.last_update;
  return settled;
}

const isOpen = (status: WorkflowStatus): boolean => !isEnded(status);

const FIELDS_OF_STATUS: readonly {
  readonly key: keyof WorkflowState;
  readonly belongs: (status: WorkflowStatus) => boolean;
}[] = [
  { key: "interruption", belongs: (status) => status === "interrupted" },
  { key: "block_info", belongs: (status) => status === "blocked" },
  { key: "queued", belongs: (status) => status === "running" },
  { key: "driver", belongs: isOpen },
  { key: "stop_requested", belongs: isOpen },
  { key: "end_time", belongs: isEnded },
];

/** The server's own fields outlive a driver's whole save. */
function kept(before: WorkflowState | null): Partial<WorkflowState> {
  const fields: Record<string, unknown> = {};
  for (const key of SERVER_KEYS) {
    if (key !== "last_update" && before?.[key] !== undefined) fields[key] = before[key];
  }
  return fields;
}

const IS_SERVER_KEY: ReadonlySet<string> = new Set(SERVER_KEYS);

/** A copy to go on with. */
function withoutServerKeys(input: StateInput): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(input))
    if (input[key] !== undefined && !IS_SERVER_KEY.has(key)) rest[key] = input[key];
  return rest;
}

function definedOnly<T extends object>(value: T): { [key in keyof T]: Exclude<T[key], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as { [key in keyof T]: Exclude<T[key], undefined> };
}
