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
  /** Its command was ended there, and the node says so itself. */
  readonly isEnded?: boolean;
  /** By its definition it goes on by itself: from when on (RFC 3339), or why it does not, as a sentence. Missing where its definition does not say so. */
  readonly goesOn?: { readonly at: string } | { readonly whyNot: string };
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
export function withLostNode(state: WorkflowState, lost: LostNode): WorkflowState {
  const interruption = state.interruption!;
  const { goesOn, isEnded } = lost;
  const mayRun = interruption.step !== null;
  const goes_on_at = goesOn && "at" in goesOn ? goesOn.at : undefined;
  const words = [mayRun ? commandWords(lost, goes_on_at) : `${awayWords(lost)}.`];
  if (goesOn) words.push("at" in goesOn ? goesOnWords(lost, goesOn.at) : goesOn.whyNot);
  const known: Partial<Interruption> = {
    ...(mayRun && { processes: isEnded ? "ended" : "may_be_running" }),
    note: words.join(" "),
    ...(goes_on_at !== undefined && { goes_on_at }),
  };
  return { ...state, interruption: { ...interruption, ...known } };
}

const awayWords = ({ node, since, isEnded }: LostNode): string =>
  isEnded
    ? `Node ${node} could not reach the cluster for some seconds`
    : `Node ${node} is away${since === null ? "" : ` since ${since}`}`;

/** Where a command ends with its node it is known until when it may run. */
function commandWords(lost: LostNode, until: string | undefined): string {
  if (lost.isEnded) return `${awayWords(lost)}, and its command was ended.`;
  const end = until === undefined ? "" : ` until ${until}, and is ended there by then`;
  return `${awayWords(lost)}; its command may still run there${end}.`;
}

const goesOnWords = ({ isEnded }: LostNode, at: string): string =>
  isEnded
    ? "It goes on by itself (on_node_loss: resume)."
    : `From ${at} on it goes on by itself on another node (on_node_loss: resume).`;

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
