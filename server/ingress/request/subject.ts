/** Reads `?workflow_id=`: the workflow that a request means. */
import type { IncomingMessage } from "node:http";
import * as z from "zod";
import { invalid } from "../../../shared/errors.js";
import { WORKFLOW_ID } from "../../../shared/names.js";
import { WorkflowId } from "../../../shared/schema/workflow.js";
import { parseWith } from "../json/strictJson.js";
import { type Query, queryOf } from "./query.js";

const Subject = z.object({ workflow_id: WorkflowId.optional() });

/** Undefined where the current one is meant. Throws SyncError `bad_message`. */
export const subjectOf = (request: IncomingMessage): string | undefined =>
  subjectIn(queryOf(request));

/** The same, of a query that was read already. */
export function subjectIn({ workflow_id }: Query): string | undefined {
  if (workflow_id === undefined || WORKFLOW_ID.test(workflow_id)) return workflow_id;
  // The schema says what is wrong with it.
  return parseWith(Subject, { workflow_id }).workflow_id;
}

export function named(request: IncomingMessage): { workflow_id?: string } {
  const id = subjectOf(request);
  return id === undefined ? {} : { workflow_id: id };
}

/** As `named`, where the body may say it too. Throws SyncError `bad_message` where the two do not agree. */
export function namedBeside(request: IncomingMessage, body: object): { workflow_id?: string } {
  const beside = named(request);
  const inBody = "workflow_id" in body ? body.workflow_id : undefined;
  if (beside.workflow_id === undefined || inBody === undefined || inBody === beside.workflow_id)
    return beside;
  throw invalid(
    "workflow_id",
    `is "${beside.workflow_id}" in the address, but another one in the body`,
  );
}
