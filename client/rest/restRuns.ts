/** The calls for workflows that run in the server: what is defined there, and start, stop, answer, resume, retry. */
import type { CommandOf } from "../../shared/schema/command.js";
import type {
  DefinitionsAnswer,
  PlanAnswer,
  SavedAnswer,
  StartPlan,
} from "../../shared/wire/rest.js";
import { NotInstep } from "../wire/noInstep.js";
import type { Answer } from "./http.js";
import type { ReadOptions, WriteOptions } from "./rest.js";

export type RunCommand = CommandOf<"restore" | "start" | "stop" | "answer" | "resume" | "retry">;

export interface RunCalls {
  definitions(options?: ReadOptions): Promise<DefinitionsAnswer>;
  /** Where the workflow is once the command is durable: for `start` and `retry` that is the new one. */
  run(command: RunCommand, options?: Omit<WriteOptions, "workflow_id">): Promise<SavedAnswer>;
  /** The plan of such a start; nothing is started. */
  plan(start: Start): Promise<StartPlan>;
}

type Start = Omit<CommandOf<"start">, "kind">;

interface Parts {
  get<T>(path: string, read: (answer: Answer) => T, options?: ReadOptions): Promise<T>;
  post(path: string, body: object, options: WriteOptions): Promise<SavedAnswer>;
  /** A POST that changes nothing. */
  ask<T>(path: string, body: object, read: (answer: Answer) => T): Promise<T>;
}

export function createRunCalls({ get, post, ask }: Parts): RunCalls {
  return {
    definitions: (options) => get("workflow/definitions", asDefinitions, options),
    run: ({ kind, ...body }, options = {}) => post(`workflow/${kind}`, body, options),
    plan: (start) => ask("workflow/start", { ...start, dry_run: true }, asPlan),
  };
}

function asPlan(answer: Answer): StartPlan {
  const { plan } = (answer ?? {}) as Partial<PlanAnswer>;
  if (plan && Array.isArray(plan.steps)) return plan;
  throw new NotInstep();
}

function asDefinitions(answer: Answer): DefinitionsAnswer {
  const { definitions, problems } = answer ?? {};
  if (Array.isArray(definitions) && Array.isArray(problems)) {
    return answer as unknown as DefinitionsAnswer;
  }
  throw new NotInstep();
}
