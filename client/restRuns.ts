/** The calls for workflows that run in the server: what is defined there, and start, stop, resume, retry. */
import type { CommandOf } from "../shared/command.js";
import type { DefinitionsAnswer, SavedAnswer } from "../shared/rest.js";
import type { Answer } from "./http.js";
import { NoAnswerError } from "./noAnswer.js";
import type { ReadOptions, WriteOptions } from "./rest.js";

export type RunCommand = CommandOf<"restore" | "start" | "stop" | "resume" | "retry">;

export interface RunCalls {
  definitions(options?: ReadOptions): Promise<DefinitionsAnswer>;
  /** Where the workflow is once the command is durable: for `start` and `retry` that is the new one. */
  run(command: RunCommand, options?: Omit<WriteOptions, "workflow_id">): Promise<SavedAnswer>;
}

interface Parts {
  get(path: string, options?: ReadOptions): Promise<Answer>;
  post(path: string, body: object, options: WriteOptions): Promise<SavedAnswer>;
}

export function createRunCalls({ get, post }: Parts): RunCalls {
  return {
    definitions: async (options) => asDefinitions(await get("workflow/definitions", options)),
    run: ({ kind, ...body }, options = {}) => post(`workflow/${kind}`, body, options),
  };
}

function asDefinitions(answer: Answer): DefinitionsAnswer {
  const { definitions, problems } = answer ?? {};
  if (Array.isArray(definitions) && Array.isArray(problems)) {
    return answer as unknown as DefinitionsAnswer;
  }
  throw new NoAnswerError("the answer is not what Instep promises");
}
