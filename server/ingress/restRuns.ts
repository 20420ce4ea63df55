/** The calls for workflows that run in the server: what is defined, and start, stop, resume, retry; and restore, which is for all. */
import type { Request, RequestHandler, Response } from "express";
import { SyncError } from "../../shared/errors.js";
import type { Fields } from "../../shared/fields.js";
import type { DefinitionsAnswer } from "../../shared/rest.js";
import { isEnded } from "../../shared/workflow.js";
import { viewOfFields } from "../egress/watcherView.js";
import type { Runner } from "../runner/runner.js";
import type { PastRuns } from "../state/pastRuns.js";
import type { Outcome } from "../state/reduce.js";
import type { Workflows } from "../state/workflows.js";
import type { Access } from "./access.js";
import { sendJson } from "./sendJson.js";
import { namedBeside } from "./subject.js";

export interface RunCallsContext {
  readonly workflows: Workflows;
  readonly past: PastRuns;
  readonly runner: Runner;
  submit(request: Request, response: Response, command: unknown): Promise<Outcome>;
}

type Calls = Readonly<
  Record<"definitions" | "start" | "stop" | "resume" | "retry" | "restore", RequestHandler>
>;

export function runHandlers({ workflows, past, runner, submit }: RunCallsContext): Calls {
  const answer = (response: Response, status: number, message: string, outcome: Outcome) => {
    const { workflow_id, epoch, revision } = outcome;
    sendJson(response.status(status), { success: true, message, workflow_id, epoch, revision });
  };

  const start =
    (kind: "start" | "retry"): RequestHandler =>
    async (request, response) => {
      const outcome = await submit(request, response, commandOf(kind, request));
      answer(response, 201, "Workflow started", outcome);
    };

  return {
    definitions: async (_request, response) => {
      const defined = await runner.definitions();
      const { can, grant } = response.locals.access as Access;
      const { definitions, ...rest } = can.includes("drive") ? defined : viewOfDefinitions(defined);
      const withPast = definitions.map((one) => ({ ...one, ...past.of(one.name, grant.scope) }));
      sendJson(response, { ...rest, definitions: withPast });
    },
    start: start("start"),
    retry: start("retry"),
    restore: async (request, response) => {
      const outcome = await submit(request, response, commandOf("restore", request));
      answer(response, 200, "Workflow restored", outcome);
    },
    stop: async (request, response) => {
      const outcome = await submit(request, response, commandOf("stop", request));
      const status = workflows.find(outcome.workflow_id ?? "")?.record.state.status;
      const isOver = status === undefined || isEnded(status);
      answer(response, 202, isOver ? "Workflow stopped" : "Workflow is stopping", outcome);
    },
    resume: async (request, response) => {
      const command = commandOf("resume", request);
      const outcome = await submit(request, response, command);
      answer(response, 200, "answer" in command ? "Answer taken" : "Workflow resumed", outcome);
    },
  };
}

/** As those see it who may only watch: a connection that is a default is theirs who may start, and so is the server's folder. */
const viewOfDefinitions = ({
  definitions,
  command_line: _,
  ...rest
}: DefinitionsAnswer): DefinitionsAnswer => ({
  ...rest,
  definitions: definitions.map((one) => ({ ...one, inputs: viewOfFields(one.inputs) as Fields })),
});

/** The body is checked with the command, by its schema. */
function commandOf(kind: string, request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body === undefined ? {} : request.body;
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  if (!isObject) throw new SyncError("bad_message", "the body must be an object");
  return { ...body, ...namedBeside(request, body), kind };
}
