/** The group a workflow runs in, and its claim there: as its definition says, with the inputs it was started with. Pure. */
import { createHash } from "node:crypto";
import type { FieldValues } from "../../../shared/fields/fields.js";
import type { Concurrency } from "../../../shared/schema/workflow.js";
import type { WorkflowDefinition } from "./definition.js";

const INPUT = /\$(?:INPUT_([A-Z][A-Z0-9_]*)|\{INPUT_([A-Z][A-Z0-9_]*)\})/g;
const MOST_CHARACTERS = 200;

/** The inputs that a group names, in capitals. */
export const inputNamesIn = (group: string): string[] =>
  [...group.matchAll(INPUT)].map(([, plain, braced]) => plain ?? braced ?? "");

/** Undefined where any number may run at once. An input that was not given is nothing. */
function claimOf(
  { name, concurrency }: Pick<WorkflowDefinition, "name" | "concurrency">,
  inputs: FieldValues,
): Concurrency | undefined {
  if (!concurrency) return undefined;
  const values = new Map(Object.entries(inputs).map(([key, value]) => [key.toUpperCase(), value]));
  const group = (concurrency.group ?? name).replace(INPUT, (_, plain, braced) =>
    String(values.get(plain ?? braced) ?? ""),
  );
  return {
    group: bounded(group.trim() === "" ? name : group),
    limit: concurrency.limit,
    when_busy: concurrency.whenBusy,
  };
}

/** As the state has it. */
export function claimMark(definition: WorkflowDefinition, inputs: FieldValues) {
  const concurrency = claimOf(definition, inputs);
  return concurrency && { concurrency };
}

/** Two that are too long and differ stay two. */
function bounded(group: string): string {
  const shown = group.replace(/\p{Cc}+/gu, " ");
  if (shown === group && group.length <= MOST_CHARACTERS) return group;
  const print = createHash("sha256").update(group).digest("hex").slice(0, 16);
  return `${[...shown].slice(0, MOST_CHARACTERS / 2).join("")}… ${print}`;
}
