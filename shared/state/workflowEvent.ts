/** Reads from two states that follow each other whether something happened that others are told of: an end, a question, an interruption. */
import type { WorkflowState } from "../schema/workflow.js";
import { type EventType, isEnded } from "../statuses.js";
import { printable } from "../text/printable.js";
import { summaryOf } from "./summary.js";

/** An event as it is told: words that everybody who watches may read, each bounded; no inputs and no answers. */
export interface WorkflowEvent {
  readonly type: EventType;
  readonly workflow_id: string;
  readonly epoch: string;
  readonly revision: number;
  /** When it happened, RFC 3339. */
  readonly timestamp: string;
  readonly status: WorkflowState["status"];
  readonly name: string | null;
  readonly title: string | null;
  readonly definition: string | null;
  /** The name of whoever started it. */
  readonly by: string | null;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly step: { readonly index: number; readonly title: string | null };
  readonly steps: number;
  readonly error: string | null;
  /** Of `blocked`: what is asked. */
  readonly question: string | null;
  /** Of `interrupted`: why, as `interruption.reason`. */
  readonly reason: string | null;
}

const MOST_QUESTION_CHARACTERS = 1_000;

/** The event that made `after` of `before`; null where none did. `before` is null where the workflow, or this epoch of it, begins. */
export function eventTypeBetween(
  before: WorkflowState | null,
  after: WorkflowState,
): EventType | null {
  if (isEnded(after.status)) {
    if (before !== null) return isEnded(before.status) ? null : "ended";
    // A copy of one that had ended was told of already, under the epoch before.
    return after.recovered_from_backup === undefined ? "ended" : null;
  }
  if (after.status === "blocked") {
    const isSame = before?.status === "blocked" && before.block_info?.id === after.block_info?.id;
    return isSame ? null : "blocked";
  }
  if (after.status !== "interrupted") return null;
  const isSame =
    before?.status === "interrupted" && before.interruption?.at === after.interruption?.at;
  return isSame ? null : "interrupted";
}

/** Everything that is told of it, as it was in that moment. */
export function workflowEvent(
  type: EventType,
  state: WorkflowState,
  { epoch, revision }: { readonly epoch: string; readonly revision: number },
): WorkflowEvent {
  const summary = summaryOf(state, epoch, false);
  const { workflow_id, status, name, title, definition, by, start_time, end_time } = summary;
  const prompt = type === "blocked" ? state.block_info?.prompt : undefined;
  return {
    ...{ type, workflow_id, epoch, revision, timestamp: state.last_update },
    ...{ status, name, title, definition, by, start_time, end_time },
    step: { index: state.current_step, title: summary.step },
    steps: state.steps.length,
    error: summary.error_message,
    question: prompt === undefined ? null : printable(prompt, MOST_QUESTION_CHARACTERS),
    reason: type === "interrupted" ? (state.interruption?.reason ?? null) : null,
  };
}
