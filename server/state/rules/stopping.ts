/** A workflow is asked to stop: at once cancelled where nobody is at work, else cancelled by its driver once it has cleaned up. Pure. */
import type { CommandOf } from "../../../shared/schema/command.js";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { endingOf, hasCleanup } from "../../../shared/state/cleanup.js";
import type { LiveRecord } from "../store/record.js";
import { settleCancelled, withEnd } from "./settle.js";
import type { Prepared } from "./submission.js";
import { underLease, withLastSeen } from "./takingUp.js";

const UNPROVEN =
  "It was ended without its driver's word: what the driver had started may still be running.";

/** The same record where nothing new is asked. An interrupted one that has to clean up does so in the runner's hands, where they are offered. */
export function stopped(
  record: LiveRecord,
  command: CommandOf<"stop">,
  prepared: Prepared | undefined,
  now: string,
): LiveRecord {
  const state = prepared ? cleaningUp(record, command, now) : null;
  if (state) return underLease({ ...record, state: saidBy(command, state) }, prepared!, now);
  const after = stoppedState(record, command, now);
  return after === record.state ? record : { ...record, state: saidBy(command, after) };
}

/** The state names the one who asked last, where that was said. */
const saidBy = ({ by }: CommandOf<"stop">, state: WorkflowState): WorkflowState =>
  by === undefined ? state : { ...state, stopped_by: by };

/** Null where nothing has to be cleaned up, or nobody is there who could. */
function cleaningUp(
  { state, lease }: LiveRecord,
  { now: atOnce = false }: CommandOf<"stop">,
  now: string,
): WorkflowState | null {
  const { interruption } = state;
  if (state.status !== "interrupted" || lease || atOnce) return null;
  if (interruption?.processes === "ending" || !hasCleanup(state.steps)) return null;
  const left = interruption?.processes === "may_be_running" ? interruption.note : undefined;
  const ending = endingOf(state) ?? {
    status: "cancelled",
    ...(left !== undefined && { error_message: left }),
  };
  const asked = withStopRequest({ ...withLastSeen(state, now), ending }, false, now);
  return withEnd({ ...asked, status: "running", last_update: now });
}

/** The same state where nothing new is asked. */
function stoppedState(
  { state, lease }: LiveRecord,
  { now: atOnce = false }: CommandOf<"stop">,
  now: string,
): WorkflowState {
  // Processes of a dead server are being ended: the workflow is cancelled once they are proven to be gone.
  if (state.interruption?.processes === "ending") return withStopRequest(state, atOnce, now);
  if (state.interruption?.processes === "may_be_running") {
    return settleCancelled(state, now, state.interruption.note ?? UNPROVEN);
  }
  const mayBeAtWork = state.status === "running" && !state.queued;
  if (!lease && !(mayBeAtWork && !atOnce)) {
    return settleCancelled(state, now, mayBeAtWork ? UNPROVEN : null);
  }
  return withStopRequest(state, atOnce, now);
}

function withStopRequest(state: WorkflowState, atOnce: boolean, now: string): WorkflowState {
  const before = state.stop_requested;
  if (before && (before.now || !atOnce)) return state;
  const stop_requested = { at: before?.at ?? now, ...(atOnce ? { now: true } : {}) };
  return { ...state, stop_requested, last_update: now };
}
