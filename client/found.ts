/** The words and looks with which a page shows what it finds after a refresh. Pure. */
import type { Step, WorkflowState } from "../shared/schema/workflow.js";
import type { StepStatus } from "../shared/statuses.js";

/** How found the workflow is, in the words of the banner. */
export type FoundKind = "running" | "interrupted" | "blocked" | "ended";

/** All that a page needs to look as it did before the refresh. */
export interface Found {
  readonly workflow_id: string;
  readonly kind: FoundKind;
  readonly state: WorkflowState;
  /** One sentence for the banner. */
  readonly warning: string;
  /** The look of each step, in order. */
  readonly steps: readonly StepLook[];
}

export interface StepLook {
  readonly index: number;
  readonly action: string;
  readonly title: string;
  readonly status: StepStatus;
  /** 0 to 1, where the step says so or is done. */
  readonly progress: number | null;
  /** The step's own words: its error, its message, or its note. */
  readonly text: string | null;
  readonly isCurrent: boolean;
  readonly step: Step;
}

export function found(state: WorkflowState): Found {
  return {
    workflow_id: state.workflow_id,
    kind: kindOf(state),
    state,
    warning: warningAbout(state),
    steps: state.steps.map((step, index) => look(step, index, state)),
  };
}

function kindOf({ status }: WorkflowState): FoundKind {
  switch (status) {
    case "running":
    case "interrupted":
    case "blocked":
      return status;
    case "completed":
    case "failed":
    case "cancelled":
      return "ended";
  }
}

function warningAbout(state: WorkflowState): string {
  const what = `The workflow "${state.title ?? state.name ?? state.workflow_id}"`;
  const at = placeIn(state);
  switch (state.status) {
    case "running": {
      const driver = state.driver?.name;
      return driver
        ? `${what} is still running, driven by ${driver}${at}.`
        : `${what} is still running${at}.`;
    }
    case "interrupted":
      return `${what} was interrupted${at}${reasonOf(state)}. Nothing runs until somebody goes on with it.`;
    case "blocked": {
      const why = state.block_info?.prompt ?? state.block_info?.block_reason;
      return `${what} is blocked${at}${why ? `: ${why}` : " and waits for an answer"}.`;
    }
    case "completed":
      return `${what} was completed moments ago.`;
    case "failed":
      return `${what} failed moments ago${state.error_message ? `: ${state.error_message}` : ""}.`;
    case "cancelled":
      return `${what} was cancelled moments ago.`;
  }
}

function placeIn({ steps, current_step }: WorkflowState): string {
  const step = steps[current_step];
  return step
    ? ` at step ${current_step + 1} of ${steps.length}, "${step.title ?? step.action}"`
    : "";
}

function reasonOf({ interruption }: WorkflowState): string {
  switch (interruption?.reason) {
    case "driver_gone":
      return ": its driver is gone";
    case "silent":
      return ": nothing was heard of it for a long time";
    case "server_restart":
      return " by a restart of the server";
    case "restored":
      return ": it was restored from an earlier version";
    case "node_lost":
      return ": the node that ran it is away";
    case "command_lost":
      return ": its command is gone, and nobody knows how it ended";
    // There is none, or a newer server knows reasons that are not known here.
    default:
      return "";
  }
}

function look(step: Step, index: number, state: WorkflowState): StepLook {
  const isDone = step.status === "completed" || step.status === "skipped";
  return {
    index,
    action: step.action,
    title: step.title ?? step.action,
    status: step.status,
    progress: isDone ? 1 : (step.progress ?? null),
    text: step.error ?? (isDone ? step.completion_note : null) ?? step.message ?? null,
    isCurrent: index === state.current_step,
    step,
  };
}
