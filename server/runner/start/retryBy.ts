/** By which recipe a workflow is retried: the one it was started with, or the one that is there now. Each says which it is, and whether the two differ. */
import { SyncError } from "../../../shared/errors.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type { StateInput, WorkflowState } from "../../../shared/schema/workflow.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import type { Definitions } from "../definition/source/definitions.js";
import type { Recipe } from "../kept/recipeOf.js";
import type { RunData, RunStore } from "../kept/runData.js";
import { prepareRetry } from "./preparing.js";
import { checkKept, fittedTo, inputsNow } from "./recipeNow.js";

export interface PreparedRetry {
  readonly definition: WorkflowDefinition;
  readonly data: RunData;
  readonly state: StateInput;
  /** The index of the step where it begins. */
  readonly from: number;
  /** As the new state says it. `changed`: the recipe is another one now than when the first of its retries was started, or gone. */
  readonly recipe: { readonly from: "then" | "now"; readonly changed: boolean };
}

/** By the one that is meant. Rejects as `prepareRetry` throws, and where that recipe is not there, or nothing fits to it. */
export async function retryBy(
  { run, state }: Pick<LiveRecord, "run" | "state">,
  command: CommandOf<"retry">,
  {
    runFiles,
    definitions,
    recipeOf,
  }: {
    readonly runFiles: Pick<RunStore, "get">;
    readonly definitions: Pick<Definitions, "find">;
    /** Throws where it is gone. */
    readonly recipeOf: () => Recipe;
  },
): Promise<PreparedRetry> {
  const data = run === undefined ? undefined : runFiles.get(run);
  const now = data ? await definitions.find(data.name) : null;
  if (data && command.recipe === "now") return retryByNow(data, now, state, command);
  return retryByThen(recipeOf(), now, state, command);
}

function retryByThen(
  { definition, data }: Recipe,
  now: WorkflowDefinition | null,
  old: WorkflowState,
  command: CommandOf<"retry">,
): PreparedRetry {
  // A definition in code is only there as it is now.
  const from = data.source === null ? "now" : "then";
  const recipe = { from, changed: hasChanged(data, now) } as const;
  const prepared = prepareRetry(definition, old, command);
  return { definition, data, state: prepared.state, from: prepared.from, recipe };
}

/** Throws SyncError `not_resumable` where there is none, and `bad_message` where an input or a step does not fit to it. */
function retryByNow(
  data: RunData,
  now: WorkflowDefinition | null,
  old: WorkflowState,
  command: CommandOf<"retry">,
): PreparedRetry {
  if (!now) {
    throw new SyncError(
      "not_resumable",
      `its definition "${data.name}" is not there any more, or cannot be used; it can be retried by the recipe it was started with`,
    );
  }
  const inputs = inputsNow(now, data.inputs, command.inputs);
  const fitted = fittedTo(now, old, inputs);
  const { state, from } = prepareRetry(now, fitted.old, command);
  checkKept(fitted, from);
  const recipe = { from: "now", changed: hasChanged(data, now) } as const;
  return { definition: now, data: { ...data, ...originOf(now), inputs }, state, from, recipe };
}

const hasChanged = ({ source }: RunData, now: WorkflowDefinition | null): boolean =>
  now === null || JSON.stringify(source) !== JSON.stringify(now.source ?? null);

/** The part of a recipe that is kept, to run by it later. */
export function originOf({
  name,
  source = null,
  folder,
  file,
}: WorkflowDefinition): Pick<RunData, "name" | "source" | "folder" | "file"> {
  return { name, source, folder, ...(file === undefined ? {} : { file }) };
}
