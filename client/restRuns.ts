/** The calls for workflows that run in the server: what is defined there, and start, stop, resume, retry. */
import type { CommandOf } from "../shared/command.js";
import type { DefinitionsAnswer, SavedAnswer } from "../shared/rest.js";
import type { Answer } from "./http.js";
import { NotInstep } from "./noInstep.js";
import type { ReadOptions, WriteOptions } from "./rest.js";

export type RunCommand = CommandOf<"restore" | "start" | "stop" | "resume" | "retry">;

export interface RunCalls {
  definitions(options?: ReadOptions): Promise<DefinitionsAnswer>;
  /** Where the workflow is once the command is durable: for `start` and `retry` that is the new one. */
  run(command: RunCommand, options?: Omit<WriteOptions, "workflow_id">): Promise<SavedAnswer>;
}

interface Parts {
  get<T>(path: string, read: (answer: Answer) => T, options?: ReadOptions): Promise<T>;
  post(path: string, body: object, options: WriteOptions): Promise<SavedAnswer>;
}

export function createRunCalls({ get, post }: Parts): RunCalls {
  return {
    definitions: (options) => get("workflow/definitions", asDefinitions, options),
    run: ({ kind, ...body }, options = {}) => post(`workflow/${kind}`, body, options),
  };
}

function asDefinitions(answer: Answer): DefinitionsAnswer {
  const { definitions, problems } = answer ?? {};
  if (Array.isArray(definitions) && Array.isArray(problems)) {
    return answer as unknown as DefinitionsAnswer;
  }
  throw new NotInstep();
}
