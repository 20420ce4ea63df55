/** The variables that a definition's commands may find, whether or not each is set: nobody is surprised where one of them is empty. Pure. */
import type { Fields } from "../../../shared/fields/fields.js";
import type { WorkflowDefinition } from "../definition/definition.js";
import { isPassedAlways } from "./environment.js";

const OF_INSTEP = /^(?:INSTEP_|OUTPUT_|TRACEPARENT$)/;
const SSH_PARTS = ["", "_HOST", "_PORT", "_USER"];

export function knownNames(definition: WorkflowDefinition): (name: string) => boolean {
  const names = new Set([
    ...fieldNames("INPUT", definition.inputs),
    ...definition.steps.flatMap(({ ask }) => fieldNames("ANSWER", ask?.fields ?? {})),
  ]);
  return (name) => names.has(name) || OF_INSTEP.test(name) || isPassedAlways(name);
}

/** The names of every value that there may be; a connection also in its parts. */
export const fieldNames = (prefix: "INPUT" | "ANSWER", fields: Fields): readonly string[] =>
  Object.entries(fields).flatMap(([name, { type }]) =>
    (type === "ssh" ? SSH_PARTS : [""]).map((part) => `${prefix}_${name.toUpperCase()}${part}`),
  );
