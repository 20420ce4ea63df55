/** By what a workflow of the server's own is run: its recipe as it was taken, and what else is kept of it. */
import type { WorkflowRecord } from "../../state/store/record.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import { definitionFromSource } from "../definition/file/keptDefinition.js";
import type { Definitions } from "../definition/source/definitions.js";
import type { RunData, RunStore } from "./runData.js";

export interface Recipe {
  readonly definition: WorkflowDefinition;
  readonly data: RunData;
}

/** By what it was read from: a workflow is asked for its recipe many times, and no recipe that was taken changes. */
const read = new WeakMap<object, WorkflowDefinition | null>();

/** Null where that is gone. */
export function recipeOf(
  { run }: Pick<WorkflowRecord, "run">,
  {
    runFiles,
    definitions,
  }: { readonly runFiles: RunStore; readonly definitions: Pick<Definitions, "inCode"> },
): Recipe | null {
  const data = run === undefined ? undefined : runFiles.get(run);
  if (!data) return null;
  const definition = data.source === null ? definitions.inCode(data.name) : asRead(data);
  return definition && { definition, data };
}

function asRead(data: RunData): WorkflowDefinition | null {
  const { source } = data;
  if (typeof source !== "object" || source === null) return definitionFromSource(source, data);
  const known = read.get(source);
  if (known !== undefined) return known;
  const definition = definitionFromSource(source, data);
  read.set(source, definition);
  return definition;
}
