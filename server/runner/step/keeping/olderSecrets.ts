/** The secrets of a command that an earlier server started: the server may have got others since, and keeps none. */
import { createHash } from "node:crypto";
import type { FieldValues } from "../../../../shared/fields/fields.js";
import { valueIn } from "../../../machine/processes.js";
import type { WorkflowDefinition } from "../../definition/definition.js";
import type { Redaction } from "../../secrets/redaction.js";
import { valueVariables } from "../../variables/environment.js";

/** Tells whether they are the same as then. The salt is the attempt's, so that equal secrets of two attempts cannot be told to be. */
export const hashOfSecrets = (secrets: FieldValues, salt: string): string =>
  createHash("sha256")
    .update(JSON.stringify([salt, ...Object.entries(secrets).sort()]))
    .digest("hex");

/** The same secrets as the process found them when it was started; null where it does not tell of one. */
export function secretsInProcess(
  pid: number,
  secrets: FieldValues,
  { inputs }: Pick<WorkflowDefinition, "inputs">,
): readonly string[] | null {
  const found = Object.keys(valueVariables("INPUT", secrets, inputs)).map((name) =>
    valueIn(pid, name),
  );
  const known = found.filter((value) => value !== null);
  return known.length === found.length ? known : null;
}

export const HIDDEN =
  "The rest of its output is left out: a secret that may stand in it was changed while the server was away";

/** For output in which nobody knows what is secret. */
export const ALL_HIDDEN: Redaction = (() => {
  const nothing = () => Buffer.alloc(0);
  const stream = () => ({ add: nothing, end: nothing, restart: () => ({ back: 0, skip: 0 }) });
  return { stream, restartable: stream, text: () => "" };
})();
