/** The plan of a start, step by step, without doing anything. Pure. */

import {
  type Fields,
  type FieldValues,
  isFromServer,
  MASK,
} from "../../../shared/fields/fields.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { StepInput } from "../../../shared/schema/workflow.js";
import { indexOfPlace, placeNumber } from "../../../shared/state/stepPlace.js";
import type { PlannedStep, StartPlan } from "../../../shared/wire/rest.js";
import { claimMark } from "../definition/claim.js";
import type { DefinedStep, WorkflowDefinition } from "../definition/definition.js";
import { type Environment, valueVariables, withDefaults } from "../variables/environment.js";
import { fieldNames } from "../variables/knownNames.js";
import { prepareStart } from "./preparing.js";

/** Variables that every command finds beside those of the recipe. */
const OWN_VARIABLES = [
  "INSTEP_WORKFLOW_ID",
  "INSTEP_FIRST_WORKFLOW_ID",
  "INSTEP_STEP",
  "INSTEP_ATTEMPT",
  "INSTEP_RUN",
  "INSTEP_STATE_DIR",
  "INSTEP_URL",
  "INSTEP_OUTPUT",
];

/** `env` is what the commands get of the server's own. With the commands only for those who have the file. Throws as `prepareStart` does. */
export function planOf(
  definition: WorkflowDefinition,
  command: CommandOf<"start">,
  env: Environment,
  { withCommands = false }: { readonly withCommands?: boolean } = {},
): StartPlan {
  const { state, inputs } = prepareStart(definition, command);
  const { name, title, timeoutMs } = definition;
  const known = new Set([
    ...Object.keys(withDefaults(env)),
    ...Object.keys(
      valueVariables("INPUT", withSecrets(definition.inputs, inputs), definition.inputs),
    ),
    ...Object.keys(definition.env),
    ...OWN_VARIABLES,
  ]);
  const planned = (step: DefinedStep, index: number, at: StepInput | undefined): PlannedStep => {
    const { ask, argv, timeoutMs, max, parallel } = step;
    if (ask) for (const name of fieldNames("ANSWER", ask.fields)) known.add(name);
    const branches = (at as { readonly steps?: readonly StepInput[] } | undefined)?.steps;
    return {
      number: placeNumber(index),
      action: step.action,
      ...(step.title === undefined ? {} : { title: step.title }),
      runs: at?.status !== "skipped",
      when: step.when,
      ...(ask && {
        asks: {
          prompt: ask.prompt,
          fields: Object.keys(ask.fields),
          ...(ask.deadlineMs === undefined ? {} : { deadline_ms: ask.deadlineMs }),
          conditional: ask.when !== undefined,
        },
      }),
      ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
      retries: step.retries,
      continue_on_error: step.continueOnError,
      idempotent: step.idempotent,
      variables: argv ? [...new Set([...known, ...Object.keys(step.env)])].sort() : [],
      ...(max === undefined ? {} : { max }),
      ...(parallel && {
        steps: parallel.map((own, branch) =>
          planned(own, indexOfPlace({ step: index, branch }), branches?.[branch]),
        ),
      }),
      ...(withCommands && argv && { command: argv }),
    };
  };
  const steps = state.steps ?? [];
  return {
    name,
    ...(title === undefined ? {} : { title }),
    inputs: (state.inputs ?? {}) as FieldValues,
    notes: steps.flatMap(({ notes }) => notes ?? []),
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    ...claimMark(definition, inputs),
    steps: definition.steps.map((step, index) => planned(step, index, steps[index] as StepInput)),
  };
}

/** With those that the server reads itself, by their names. */
function withSecrets(fields: Fields, inputs: FieldValues): FieldValues {
  const read = Object.keys(fields).filter((name) => isFromServer(fields[name]));
  return { ...inputs, ...Object.fromEntries(read.map((name) => [name, MASK])) };
}
