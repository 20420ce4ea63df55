/** The statuses of workflows and steps, and the other closed lists of words in a state, without the schemas around them: whoever needs a constant loads no zod. */

export const OPEN_STATUSES = ["running", "blocked", "interrupted"] as const;
export const ENDED_STATUSES = ["completed", "failed", "cancelled"] as const;
export const WORKFLOW_STATUSES = [...OPEN_STATUSES, ...ENDED_STATUSES] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

export const STEP_STATUSES = [
  "pending",
  "in_progress",
  "blocked",
  "completed",
  "failed",
  "skipped",
  "cancelled",
  "interrupted",
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** Why a workflow is interrupted. */
export const INTERRUPTION_REASONS = [
  "driver_gone",
  "silent",
  "server_restart",
  "restored",
  "command_lost",
  "node_lost",
] as const;
/** The fate of the processes of a server that died. */
export const PROCESSES_LEFT = ["ending", "ended", "may_be_running"] as const;

/** Whether a step runs while all goes well, after a failure, or whatever happened. */
export const STEP_WHEN = ["success", "failure", "always"] as const;
export type StepWhen = (typeof STEP_WHEN)[number];

/** A workflow whose group is full does one of these. */
export const WHEN_BUSY = ["wait", "refuse", "cancel_running"] as const;
export type WhenBusy = (typeof WHEN_BUSY)[number];

/** After a restart of the server a workflow of the definition is asked about, or resumed. */
export const ON_RESTART = ["ask", "resume"] as const;
export type OnRestart = (typeof ON_RESTART)[number];

/** Where its node of a cluster is lost a workflow of the definition waits for it, or goes on on another one. */
export const ON_NODE_LOSS = ["wait", "resume"] as const;
export type OnNodeLoss = (typeof ON_NODE_LOSS)[number];

/** The events that webhooks are told of. */
export const EVENT_TYPES = ["ended", "blocked", "interrupted"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const FINISHED_STEPS: ReadonlySet<string> = new Set([
  "completed",
  "failed",
  "skipped",
  "cancelled",
]);

/** Whether a step is at its end. */
export const isFinished = ({ status }: { readonly status: string }): boolean =>
  FINISHED_STEPS.has(status);

/** Whether a workflow goes on no more. */
export const isEnded = (status: WorkflowStatus): boolean =>
  (ENDED_STATUSES as readonly WorkflowStatus[]).includes(status);
