/** Which workflow a request means, by `?workflow_id=`. */
import type { Request } from "express";
import { WorkflowId } from "../../shared/workflow.js";
import { parseWith } from "./strictJson.js";

/** Undefined where the current one is meant. */
export function subjectOf(request: Request): string | undefined {
  const id = request.query.workflow_id;
  return id === undefined ? undefined : parseWith(WorkflowId, id, "workflow_id");
}

export function named(request: Request): { workflow_id?: string } {
  const id = subjectOf(request);
  return id === undefined ? {} : { workflow_id: id };
}
