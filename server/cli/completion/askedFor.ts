/** Candidates that only a server or a definition's file knows: ids, definitions, steps, inputs, what a question asks. */
import type { DefinitionView, Summary, WorkflowState } from "../../../client/index.js";
import {
  type Field,
  type Fields,
  givenFields,
  secretNames,
} from "../../../shared/fields/fields.js";
import { CURRENT, isWorkflowId } from "../../../shared/names.js";
import { ENDED_STATUSES, OPEN_STATUSES, type WorkflowStatus } from "../../../shared/statuses.js";
import type { ServerFlags } from "../connecting/connect.js";
import type { CliContext } from "../process/context.js";
import { kindOfArgument } from "./kinds.js";
import { definitionIn, definitionsOn, workflowOn, workflowsOn } from "./known.js";
import type { Candidate } from "./offers.js";
import type { Position } from "./position.js";

export type AskedKind = "ids" | "definitions" | "inputs" | "secrets" | "steps" | "answers";

/** Those that the verb can do something with; all for any other verb. */
const STATUSES: Readonly<Record<string, readonly WorkflowStatus[]>> = {
  answer: ["blocked"],
  cancel: OPEN_STATUSES,
  clear: ENDED_STATUSES,
  resume: ["interrupted"],
  retry: ENDED_STATUSES,
};

/** Rejects where nobody answers in time, or with what nobody expects. */
export async function askedFor(
  kind: AskedKind,
  position: Position,
  context: CliContext,
): Promise<readonly Candidate[]> {
  const flags = serverFlags(position);
  switch (kind) {
    case "ids": {
      const status = STATUSES[position.command.name()];
      return idsAmong(await workflowsOn(flags, status, context), position);
    }
    case "definitions": {
      const all = await definitionsOn(flags, context);
      return all.map(({ name, title }) => ({ value: name, about: title }));
    }
    case "inputs":
      return pairs(givenFields(await inputsAt(position, flags, context)), position.text);
    case "secrets": {
      const fields = givenFields(await inputsAt(position, flags, context));
      return secretNames(fields).map((value) => ({ value, about: fields[value]?.title }));
    }
    case "steps": {
      const steps = await stepsAt(position, flags, context);
      return steps.map(({ action, title }) => ({ value: action, about: title }));
    }
    case "answers": {
      const [id = ""] = position.positionals;
      const state = await workflowOn(id, flags, context);
      return pairs((state?.block_info?.fields ?? {}) as Fields, position.text);
    }
  }
}

const serverFlags = ({ values }: Position): ServerFlags => ({
  server: values.get("--server")?.at(-1),
  token: values.get("--token")?.at(-1),
});

function idsAmong(workflows: readonly Summary[], { positionals }: Position): Candidate[] {
  const ids = workflows
    .filter(({ workflow_id }) => isWorkflowId(workflow_id) && !positionals.includes(workflow_id))
    .map(({ workflow_id, status, title, name }) => ({
      value: workflow_id,
      about: [status, title ?? name].filter(Boolean).join(" · "),
    }));
  const isAnyRunning = workflows.some(({ status }) => status === "running" || status === "blocked");
  return isAnyRunning ? [...ids, { value: CURRENT, about: "whichever is running" }] : ids;
}

/** The inputs that the definition in the first argument asks for; without one, those of all definitions. */
async function inputsAt(
  { command, positionals: [first] }: Position,
  flags: ServerFlags,
  context: CliContext,
): Promise<Fields> {
  const [argument] = command.registeredArguments;
  if (argument && first === undefined) return {};
  if (!argument) {
    const all = await definitionsOn(flags, context);
    return Object.fromEntries(all.flatMap(({ inputs }) => Object.entries(inputs)));
  }
  return (await definitionNamed(first!, kindOfArgument(argument) === "files", flags, context))
    .inputs;
}

type NamedSteps = DefinitionView["steps"] | WorkflowState["steps"];

async function stepsAt(
  { command, positionals: [first] }: Position,
  flags: ServerFlags,
  context: CliContext,
): Promise<NamedSteps> {
  const [argument] = command.registeredArguments;
  if (!argument || first === undefined) return [];
  const kind = kindOfArgument(argument);
  if (kind === "ids") return (await workflowOn(first, flags, context))?.steps ?? [];
  return (await definitionNamed(first, kind === "files", flags, context)).steps;
}

async function definitionNamed(
  named: string,
  isFile: boolean,
  flags: ServerFlags,
  context: CliContext,
): Promise<Pick<DefinitionView, "inputs" | "steps">> {
  if (isFile) return definitionIn(named, context);
  const all = await definitionsOn(flags, context);
  return all.find(({ name }) => name === named) ?? { inputs: {}, steps: [] };
}

/** `name=` first; behind it the values that a field can have. */
function pairs(fields: Fields, text: string): Candidate[] {
  const [, name] = /^([^=]*)=/.exec(text) ?? [];
  if (name === undefined)
    return Object.entries(fields).map(([field, { title, type }]) => ({
      value: `${field}=`,
      about: title ?? type,
    }));
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return field ? valuesOf(field).map((value) => ({ value: `${name}=${value}` })) : [];
}

function valuesOf(field: Field): readonly string[] {
  switch (field.type) {
    case "boolean":
      return ["yes", "no"];
    case "choice":
      return field.options;
    case "string":
    case "number":
    case "ssh":
      return field.default === undefined ? [] : [String(field.default)];
    case "secret":
      return [];
  }
}
