/** Whether a workflow may be started that needs what not every server can promise: commands that end with their node, webhooks. */
import { SyncError } from "../../../shared/errors.js";
import { NOT_IN_CLUSTER } from "../../webhooks/webhook.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import type { Keepers } from "../kept/keepers.js";
import { NOT_GUARDED } from "../step/stepKeeping.js";

/** Throws SyncError `not_resumable` where the definition has webhooks and the server is one of a cluster, which could not promise to tell them. */
export function checkWebhooks(
  { webhooks }: Pick<WorkflowDefinition, "webhooks">,
  { cluster }: { readonly cluster?: unknown },
): void {
  if (cluster && webhooks) throw new SyncError("not_resumable", `webhooks: ${NOT_IN_CLUSTER}`);
}

/** Throws SyncError `not_resumable` where this server could not promise what the definition says. The node that runs it looks again. */
export function checkNodeLoss(
  { onNodeLoss }: Pick<WorkflowDefinition, "onNodeLoss">,
  { keepers }: { readonly keepers: Pick<Keepers, "mayBeGuarded"> },
): void {
  if (onNodeLoss === "resume" && !keepers.mayBeGuarded)
    throw new SyncError("not_resumable", NOT_GUARDED);
}
