/** The calls for workflows that run in the server: start, stop, answer, resume and retry; and restore, which is for all workflows. */
import type { Request, RequestHandler, Response } from "express";
import { invalid, SyncError } from "../../../shared/errors.js";
import type { CommandKind, CommandOf } from "../../../shared/schema/command.js";
import { isEnded } from "../../../shared/statuses.js";
import type { PlanAnswer } from "../../../shared/wire/rest.js";
import type { Runner } from "../../runner/runner.js";
import type { Outcome } from "../../state/rules/outcome.js";
import type { Workflows } from "../../state/workflows.js";
import { sendJson } from "../answer/sendJson.js";
import { namedBeside } from "../request/subject.js";
import { commandIn, type ReceiveCall } from "./commandCall.js";

export interface RunCallsParts {
  readonly workflows: Workflows;
  readonly runner: Runner;
  readonly receive: ReceiveCall;
}

export class RunCalls {
  readonly #parts: RunCallsParts;

  constructor(parts: RunCallsParts) {
    this.#parts = parts;
  }

  readonly start: RequestHandler = async (request, response) => {
    const { dry_run, ...given } = givenTo("start", request);
    if (dry_run === undefined || dry_run === false) return this.#begin(request, response, given);
    if (dry_run !== true) throw invalid("dry_run", "must be true or false");
    const command = commandIn(response, given);
    const plan = await this.#parts.runner.plan(command as CommandOf<"start">);
    const told: PlanAnswer = { success: true, message: "Nothing was started", plan };
    sendJson(response, told);
  };

  readonly retry: RequestHandler = (request, response) =>
    this.#begin(request, response, givenTo("retry", request));

  readonly stop: RequestHandler = async (request, response) => {
    const { workflows, receive } = this.#parts;
    const command = commandIn(response, givenTo("stop", request));
    const outcome = await receive(request, response, command);
    const status = workflows.find(outcome.workflow_id ?? "")?.record.state.status;
    const isOver = status === undefined || isEnded(status);
    answer(response, 202, isOver ? "Workflow stopped" : "Workflow is stopping", outcome);
  };

  readonly answer: RequestHandler = (request, response) =>
    this.#goOn(request, response, givenTo("answer", request));

  readonly resume: RequestHandler = (request, response) =>
    this.#goOn(request, response, givenTo("resume", request));

  /** Restores any driver's workflow, not only one that runs in the server. */
  readonly restore: RequestHandler = async (request, response) => {
    const command = commandIn(response, givenTo("restore", request));
    const outcome = await this.#parts.receive(request, response, command);
    answer(response, 200, "Workflow restored", outcome);
  };

  async #begin(request: Request, response: Response, given: object): Promise<void> {
    const command = commandIn(response, given);
    const outcome = await this.#parts.receive(request, response, command);
    answer(response, 201, "Workflow started", outcome);
  }

  /** The answer names the command that was taken, not its path: an answer may come as a `resume`. */
  async #goOn(request: Request, response: Response, given: object): Promise<void> {
    const command = commandIn(response, given);
    const outcome = await this.#parts.receive(request, response, command);
    const isAnswer = command.kind === "answer";
    answer(response, 200, isAnswer ? "Answer taken" : "Workflow resumed", outcome);
  }
}

function answer(response: Response, status: number, message: string, outcome: Outcome): void {
  const { workflow_id, epoch, revision } = outcome;
  sendJson(response.status(status), { success: true, message, workflow_id, epoch, revision });
}

/** The body is checked with the command, by its schema. */
function givenTo(kind: CommandKind, request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body === undefined ? {} : request.body;
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  if (!isObject) throw new SyncError("bad_message", "the body must be an object");
  return { ...body, ...namedBeside(request, body), kind };
}
