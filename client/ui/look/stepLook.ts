/** The look of a step, which may be another than its status alone has. */
import { linkLostOf, type Step } from "../../index.js";
import type { Status } from "./status.js";

/** How a step looks: one that failed and waits for its next attempt is not running, and one whose machine is not reached may be or not. */
export function looksLike(step: Pick<Step, "status" | "retry_at" | "data">): Status {
  if (step.status !== "in_progress") return step.status;
  if (step.retry_at != null) return "retrying";
  return linkLostOf(step) ? "unlinked" : "in_progress";
}
