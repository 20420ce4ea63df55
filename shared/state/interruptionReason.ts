/** Why nobody goes on with an interrupted workflow, in words for every place that shows it. */
import type { WorkflowState } from "../schema/workflow.js";

const REASONS: Readonly<Partial<Record<string, string>>> = {
  driver_gone: "the driver went away and did not come back in time",
  silent: "nothing was reported for a long time",
  server_restart: "the server was started again and the driver did not come back",
  restored: "its record was damaged, and an earlier version of it was restored",
  node_lost: "the node that ran it is away",
  command_lost: "its command is gone, and nobody knows how it ended",
};

export function interruptionReason({
  interruption,
  definition,
}: Pick<WorkflowState, "interruption" | "definition">): string {
  if (!interruption) return "reported as interrupted by its driver";
  const { reason } = interruption;
  if (reason === "server_restart" && definition !== undefined)
    return "the server that ran it was started again";
  // A newer server may know a reason that is not known here.
  return (Object.hasOwn(REASONS, reason) && REASONS[reason]) || "it was interrupted";
}
