/** What a workflow waits for that is neither a step nor a question. */
import type { ShownWorkflow } from "./display.js";

/** Null for nothing. */
export function waitWords({ status, queued, stop_requested }: ShownWorkflow): string | null {
  if (status !== "running" && status !== "blocked") return null;
  if (stop_requested) return "is being cancelled";
  return queued ? "waits for its turn" : null;
}
