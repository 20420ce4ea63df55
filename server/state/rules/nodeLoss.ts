/** A workflow whose node is away: said in its interruption, and taken back where that node comes again and finds all of it as it was. Pure. */
import type { Interruption, WorkflowState } from "../../../shared/schema/workflow.js";
import { stepAtIndex, withStepAt } from "../../../shared/state/stepPlace.js";
import type { LiveRecord } from "../store/record.js";
import type { RunnerLease } from "./submission.js";
import { underLease } from "./takingUp.js";

/** The node whose lease has ended. */
export interface LostNode {
  readonly node: string;
  /** RFC 3339; null where nobody knows. */
  readonly since: string | null;
}

/** A node that is back, for a workflow that was taken for lost with it. */
export interface Regaining {
  readonly lease: RunnerLease;
  /** The last token that was given out when the node looked: nobody may have had the workflow since. */
  readonly fence: number;
  /** For the steps that were at work. */
  readonly note?: string | undefined;
}

/** As in a step's report. */
const MOST_NOTES = 20;

/** The interrupted state with words about the node. What was at work there may still be. */
export function withLostNode(state: WorkflowState, { node, since }: LostNode): WorkflowState {
  const interruption = state.interruption!;
  const mayRun = interruption.step !== null;
  const away = `Node ${node} is away${since === null ? "" : ` since ${since}`}`;
  const known: Partial<Interruption> = mayRun
    ? { processes: "may_be_running", note: `${away}; its command may still run there.` }
    : { note: `${away}.` };
  return { ...state, interruption: { ...interruption, ...known } };
}

/** The record as it was before its node was lost, and under no lease; null where that node has nothing to take back any more. */
export function asBeforeLoss(record: LiveRecord, node: string): LiveRecord | null {
  const { state, lease } = record;
  const { interruption, ...rest } = state;
  const isLost = state.status === "interrupted" && interruption?.reason === "node_lost";
  if (!isLost || lease || state.node !== node || record.run === undefined) return null;
  return {
    ...record,
    state: { ...rest, status: "running", steps: stepsBefore(state) } as WorkflowState,
  };
}

/** Null where somebody else has had it since, or it was ended. */
export function regained(
  record: LiveRecord,
  { lease, fence, note }: Regaining,
  now: string,
): LiveRecord | null {
  const before = lease.node === undefined ? null : asBeforeLoss(record, lease.node);
  if (before === null || record.fence !== fence) return null;
  const steps = note === undefined ? before.state.steps : noted(record, before.state.steps, note);
  const held = underLease({ ...before, state: { ...before.state, steps } }, { lease }, now);
  return { ...held, state: { ...held.state, last_update: now } };
}

/** Interrupted steps stand in `interruption`: its step, and the branches of that. */
function stepsBefore(state: WorkflowState): WorkflowState["steps"] {
  let { steps } = state;
  for (const index of wereAtWork(state)) {
    const step = stepAtIndex({ steps }, index);
    if (step?.status === "interrupted")
      steps = withStepAt(steps, index, { ...step, status: "in_progress" });
  }
  return steps;
}

const wereAtWork = ({ interruption }: WorkflowState): readonly number[] =>
  interruption?.step == null ? [] : [interruption.step, ...(interruption.branches ?? [])];

/** The branches of a parallel step have the note, where it has some. */
function noted(
  { state }: LiveRecord,
  steps: WorkflowState["steps"],
  note: string,
): WorkflowState["steps"] {
  const { step = null, branches = [] } = state.interruption ?? {};
  let next = steps;
  for (const index of branches.length > 0 ? branches : step === null ? [] : [step]) {
    const one = stepAtIndex({ steps: next }, index)!;
    const notes = [...(one.notes ?? []), note].slice(-MOST_NOTES);
    next = withStepAt(next, index, { ...one, notes });
  }
  return next;
}
