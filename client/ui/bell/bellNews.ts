/** Decides which changes of a workflow are worth a notification, and writes its text. Pure. */
import type { WorkflowState } from "../../index.js";
import { interruptionText } from "../look/interruption.js";
import { nameOf } from "../look/name.js";
import { lookOf } from "../look/status.js";

export interface BellNews {
  readonly title: string;
  readonly body: string;
}

/** The same until there is something new to tell. */
export function situationOf({ status, block_info, interruption }: WorkflowState): string {
  switch (status) {
    case "blocked":
      return `blocked ${block_info?.id ?? block_info?.step ?? ""}`;
    case "interrupted":
      return `interrupted ${interruption?.at ?? ""}`;
    case "running":
    case "completed":
    case "failed":
    case "cancelled":
      return status;
  }
}

/** Null while it just goes on. */
export function newsOf(state: WorkflowState): BellNews | null {
  if (state.status === "running") return null;
  return { title: `${lookOf(state.status).word}: ${nameOf(state)}`, body: bodyOf(state) };
}

function bodyOf(state: WorkflowState): string {
  const { steps, current_step, block_info } = state;
  const count = `${steps.length} ${steps.length === 1 ? "step" : "steps"}`;
  switch (state.status) {
    case "blocked":
      return block_info?.prompt ?? block_info?.block_reason ?? "It waits for an answer.";
    case "interrupted":
      return interruptionText(state);
    case "failed": {
      // Those before it were passed over.
      const failed = steps.findLast(({ status }) => status === "failed") ?? steps[current_step];
      const where = failed ? `Step ${failed.index + 1}, ${failed.title ?? failed.action}` : "";
      const why = failed?.error ?? state.error_message ?? "";
      return [where, why].filter((part) => part !== "").join(": ");
    }
    case "completed":
    case "cancelled":
    case "running":
      return steps.length === 0 ? "" : count;
  }
}
