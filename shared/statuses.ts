/** The statuses of a workflow, without the schemas around them, so that the page knows the same ones. */
export const OPEN_STATUSES = ["running", "blocked", "interrupted"] as const;
export const ENDED_STATUSES = ["completed", "failed", "cancelled"] as const;
export const WORKFLOW_STATUSES = [...OPEN_STATUSES, ...ENDED_STATUSES] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

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
