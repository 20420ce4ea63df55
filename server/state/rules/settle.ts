/** Makes a state that can be kept from one that a driver sent: gaps filled, the server's fields set, times stamped. Pure. */
import type {
  Interruption,
  StateInput,
  StateMerge,
  StepInput,
  StepUpdate,
  WorkflowState,
} from "../../../shared/schema/workflow.js";
import { SERVER_KEYS } from "../../../shared/serverKeys.js";
import {
  eachStep,
  mapSteps,
  placeOfIndex,
  stepAtIndex,
  withStepAt,
} from "../../../shared/state/stepPlace.js";
import { isEnded, type StepStatus, type WorkflowStatus } from "../../../shared/statuses.js";
import { isUnderWay, settleStep, updatedStep, withoutPrinted } from "./settleStep.js";

/** A whole state over the one before it (null at the start). */
export function settleWhole(
  input: StateInput,
  workflow_id: string,
  before: WorkflowState | null,
  now: string,
): WorkflowState {
  const steps = (input.steps ?? []).map((step, index) =>
    settleStep(step, index, before?.steps[index], now),
  );
  const own = {
    workflow_id,
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
      merged.steps = (value as StepInput[]).map((step, i) =>
        settleStep(step, i, before.steps[i], now),
      );
    else merged[key] = value;
  }
  const own = {
    workflow_id: before.workflow_id,
    start_time: input.start_time ?? before.start_time,
    last_update: now,
  };
  return withEnd(Object.assign(merged as WorkflowState, own));
}

/** A part of one step, or of a branch; there is one at `index`. A report also wakes a workflow that was taken for silent, and says where the work is. */
export function settleStepUpdate(
  index: number,
  update: StepUpdate,
  before: WorkflowState,
  now: string,
): WorkflowState {
  const { step: place, branch } = placeOfIndex(index);
  const waking = before.status === "interrupted";
  const step = updatedStep(stepAtIndex(before, index)!, { index, update, waking }, now);
  const steps = withStepAt(before.steps, index, step);
  const parent = steps[place]!;
  // The parent of a branch at work is at work, too.
  if (branch !== null && waking && parent.status === "interrupted" && isUnderWay(step.status))
    steps[place] = { ...parent, status: "in_progress" };
  const isNews = update.status !== undefined && step.status !== "pending";
  return withEnd({
    ...before,
    steps,
    current_step: isNews ? place : before.current_step,
    status: statusAfter(update.status, before),
    last_update: now,
  });
}

/** The state as the server itself cancels it: its driver is gone, or was never there. */
export function settleCancelled(
  before: WorkflowState,
  now: string,
  errorMessage: string | null,
): WorkflowState {
  return withEnd({
    ...before,
    status: "cancelled",
    steps: mapSteps(before.steps, (step) =>
      isUnderWay(step.status) || step.status === "interrupted"
        ? { ...withoutPrinted(step), status: "cancelled", finished_at: step.finished_at ?? now }
        : step,
    ),
    ...(errorMessage === null ? {} : { error_message: errorMessage }),
    last_update: now,
  });
}

/** The state once its driver is gone: steps under way are interrupted, the question is taken away, and the interruption says when and where. */
export function settleInterruption(
  reason: Interruption["reason"],
  before: WorkflowState,
  now: string,
): WorkflowState {
  const { driver: _gone, block_info: _unasked, ...rest } = before;
  const running = eachStep(before)
    .filter(([, step]) => isUnderWay(step.status))
    .map(([index]) => index);
  const step = running.length === 0 ? null : placeOfIndex(running[0]!).step;
  const branches = running.filter((index) => index !== step && placeOfIndex(index).step === step);
  const since = step === null ? null : before.steps[step]!.started_at;
  return {
    ...(rest as WorkflowState),
    status: "interrupted",
    steps: mapSteps(before.steps, (step) =>
      isUnderWay(step.status) ? { ...step, status: "interrupted" } : step,
    ),
    interruption: {
      at: now,
      reason,
      step,
      ...(branches.length === 0 ? {} : { branches }),
      ...(since == null ? {} : { since }),
      last_seen: before.interruption?.last_seen ?? before.last_update,
    },
    last_update: now,
  };
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
  const needsEnd = isEnded(state.status) && state.end_time == null;
  let settled = state;
  for (const { key, belongs } of FIELDS_OF_STATUS) {
    if (!Object.hasOwn(state, key) || belongs(state.status)) continue;
    if (settled === state) settled = { ...state };
    delete settled[key];
  }
  return needsEnd ? { ...settled, end_time: settled.last_update } : settled;
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

/** A copy without the server's own fields. */
function withoutServerKeys(input: StateInput): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(input))
    if (input[key] !== undefined && !IS_SERVER_KEY.has(key)) rest[key] = input[key];
  return rest;
}
