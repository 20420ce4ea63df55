/** Whether a workflow may be started that needs what not every server can promise: commands that end with their node. */
import { SyncError } from "../../../shared/errors.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import type { Keepers } from "../kept/keepers.js";
import { NOT_GUARDED } from "../step/stepKeeping.js";

/** Throws SyncError `not_resumable` where this server could not promise what the definition says. The node that runs it looks again. */
export function checkNodeLoss(
  { onNodeLoss }: Pick<WorkflowDefinition, "onNodeLoss">,
  { keepers }: { readonly keepers: Pick<Keepers, "mayBeGuarded"> },
): void {
  if (onNodeLoss === "resume" && !keepers.mayBeGuarded)
    throw new SyncError("not_resumable", NOT_GUARDED);
}
