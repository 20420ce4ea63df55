/** Whether a workflow goes on no more, without the schemas that know every status. */
import type { WorkflowStatus } from "../shared/workflow.js";

export const isEnded = (status: WorkflowStatus): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";
