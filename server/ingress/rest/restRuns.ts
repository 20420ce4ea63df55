/** The calls for workflows that run in the server: what is defined, and start, stop, resume, retry; and restore, which is for all. */
import type { Request, RequestHandler, Response } from "express";
import { SyncError } from "../../../shared/errors.js";
import type { Fields } from "../../../shared/fields/fields.js";
import { Command, type CommandOf } from "../../../shared/schema/command.js";
import { isEnded } from "../../../shared/statuses.js";
import type { DefinitionsAnswer, PlanAnswer } from "../../../shared/wire/rest.js";
import { viewOfFields } from "../../egress/watcherView.js";
import type { Runner } from "../../runner/runner.js";
import type { PastRuns } from "../../state/pastRuns.js";
import type { Outcome } from "../../state/rules/outcome.js";
import type { Workflows } from "../../state/workflows.js";
import { mayDrive } from "../access/access.js";
import { accessOf } from "../access/caller.js";
import { checkCommand } from "../access/within.js";
import { sendJson } from "../answer/sendJson.js";
import { parseWith } from "../json/strictJson.js";
import { invalid } from "../request/conditions.js";
import { namedBeside } from "../request/subject.js";

export interface RunCallsContext {
  readonly workflows: Workflows;
  readonly past: PastRuns;
  readonly runner: Runner;
  receiveCommand(request: Request, response: Response, command: unknown): Promise<Outcome>;
}

type Calls = Readonly<
  Record<"definitions" | "start" | "stop" | "resume" | "retry" | "restore", RequestHandler>
>;

export function runHandlers({ workflows, past, runner, receiveCommand }: RunCallsContext): Calls {
  const answer = (response: Response, status: number, message: string, outcome: Outcome) => {
    const { workflow_id, epoch, revision } = outcome;
    sendJson(response.status(status), { success: true, message, workflow_id, epoch, revision });
  };

  const begin = async (request: Request, response: Response, command: object) => {
    const outcome = await receiveCommand(request, response, command);
    answer(response, 201, "Workflow started", outcome);
  };

  return {
    definitions: async (_request, response) => {
      const defined = await runner.definitions();
      const access = accessOf(response);
      const { definitions, ...rest } = mayDrive(access) ? defined : viewOfDefinitions(defined);
      const withPast = definitions.map((one) => ({
        ...one,
        ...past.of(one.name, access.grant.scope),
      }));
      sendJson(response, { ...rest, definitions: withPast });
    },
    start: async (request, response) => {
      const { dry_run, ...given } = commandOf("start", request);
      if (dry_run === undefined || dry_run === false) return begin(request, response, given);
      if (dry_run !== true) throw invalid("dry_run", "must be true or false");
      const command = parseWith(Command, given) as CommandOf<"start">;
      checkCommand(accessOf(response).grant.scope, command);
      const plan = await runner.plan(command);
      const told: PlanAnswer = { success: true, message: "Nothing was started", plan };
      sendJson(response, told);
    },
    retry: (request, response) => begin(request, response, commandOf("retry", request)),
    restore: async (request, response) => {
      const outcome = await receiveCommand(request, response, commandOf("restore", request));
      answer(response, 200, "Workflow restored", outcome);
    },
    stop: async (request, response) => {
      const outcome = await receiveCommand(request, response, commandOf("stop", request));
      const status = workflows.find(outcome.workflow_id ?? "")?.record.state.status;
      const isOver = status === undefined || isEnded(status);
      answer(response, 202, isOver ? "Workflow stopped" : "Workflow is stopping", outcome);
    },
    resume: async (request, response) => {
      const command = commandOf("resume", request);
      const outcome = await receiveCommand(request, response, command);
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
