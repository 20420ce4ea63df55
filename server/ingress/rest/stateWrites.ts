/** The calls of drivers that report: a state saved, merged or cleared, and a step of it. */
import type { RequestHandler } from "express";
import * as z from "zod";
import { SyncError } from "../../../shared/errors.js";
import { WorkflowId } from "../../../shared/schema/workflow.js";
import type { ClearedAnswer, SavedAnswer } from "../../../shared/wire/rest.js";
import type { Outcome } from "../../state/rules/outcome.js";
import { sendJson } from "../answer/sendJson.js";
import { parseWith } from "../json/strictJson.js";
import { indexIn } from "../request/stepIndex.js";
import { named, namedBeside } from "../request/subject.js";
import { commandIn, type ReceiveCall } from "./commandCall.js";

/** Strict: an id under another name must not be overlooked, or the current workflow is cleared in place of the one that was meant. */
const ClearBody = z.strictObject({ workflow_id: WorkflowId.optional() });

export class StateWrites {
  readonly #receive: ReceiveCall;

  constructor(receive: ReceiveCall) {
    this.#receive = receive;
  }

  readonly save: RequestHandler = async (request, response) => {
    const state = required(request.body, "a workflow state");
    const given = { kind: "save", state, ...named(request) };
    const command = commandIn(response, given, "state");
    sendJson(response, saved(await this.#receive(request, response, command)));
  };

  readonly merge: RequestHandler = async (request, response) => {
    const state = required(request.body, "a part of a workflow state");
    const given = { kind: "save", merge: true, state, ...named(request) };
    const command = commandIn(response, given, "state");
    sendJson(response, saved(await this.#receive(request, response, command)));
  };

  readonly clear: RequestHandler = async (request, response) => {
    const body = parseWith(ClearBody, request.body === undefined ? {} : request.body);
    const given = { kind: "clear", ...body, ...namedBeside(request, body) };
    const command = commandIn(response, given);
    await this.#receive(request, response, command);
    const answer: ClearedAnswer = { success: true, message: "Workflow state cleared" };
    sendJson(response, answer);
  };

  readonly step: RequestHandler = async (request, response) => {
    const update = required(request.body, "a part of a step");
    const index = indexIn(request);
    const given = { kind: "step", index, update, ...named(request) };
    const command = commandIn(response, given, "update");
    sendJson(response, saved(await this.#receive(request, response, command)));
  };
}

const saved = ({ workflow_id, epoch, revision }: Outcome): SavedAnswer => ({
  success: true,
  message: "Workflow state saved",
  workflow_id: workflow_id ?? "",
  epoch: epoch ?? "",
  revision: revision ?? 0,
});

function required(body: unknown, what: string): unknown {
  const isEmpty = typeof body === "object" && body !== null && Object.keys(body).length === 0;
  if (body === undefined || isEmpty) {
    throw new SyncError("bad_message", `${what} is required`, {
      errors: [{ path: "", message: "is required and must not be empty" }],
    });
  }
  return body;
}
