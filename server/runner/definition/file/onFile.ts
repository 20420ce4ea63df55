/** The machine that a step's command runs on, as it stands in a definition file: `on: ssh`, or with the input that holds the connection. */
import * as z from "zod";
import type { Fields } from "../../../../shared/fields/fields.js";
import { valueProblem } from "../../variables/expand.js";
import type { FarMachine } from "../definition.js";
import { line } from "./values.js";

const KeyFile = line.superRefine((value, context) => {
  const message = valueProblem(value);
  if (message !== null) context.addIssue({ code: "custom", message });
});

/** `ssh` alone is the recipe's only input of that type. */
export const OnFile = z.preprocess(
  (given) => (given === "ssh" ? {} : given),
  z.strictObject(
    { ssh: line.optional(), identity_file: KeyFile.optional() },
    {
      error: "must be ssh, or {ssh, identity_file}: the name of an input, and a private key's file",
    },
  ),
);
type OnFile = z.infer<typeof OnFile>;

export interface OnProblem {
  /** Behind the step. */
  readonly path: readonly string[];
  /** As a predicate. */
  readonly message: string;
}

/** Null where its command runs on one machine that is known at every start. */
export function whyNotOn({ ssh }: OnFile, inputs: Fields): OnProblem | null {
  const names = connectionsIn(inputs);
  const complain = (message: string): OnProblem => ({
    path: ssh === undefined ? ["on"] : ["on", "ssh"],
    message,
  });
  if (names.length === 0)
    return complain("needs an input of type ssh, which says where to go, and there is none");
  if (ssh === undefined && names.length > 1)
    return complain(`may mean ${names.join(" or ")}: write {ssh: ${names[0]}}`);
  if (ssh !== undefined && !names.includes(ssh)) {
    const isInput = Object.hasOwn(inputs, ssh);
    return complain(
      isInput
        ? `names ${ssh}, which is no input of type ssh (${names.join(", ")} is)`
        : `names ${ssh}, and there is no such input; of type ssh there is ${names.join(", ")}`,
    );
  }
  const name = ssh ?? names[0]!;
  const input = inputs[name]!;
  if (input.required || (input.type === "ssh" && input.default !== undefined)) return null;
  return complain(`needs to know its machine at every start: make ${name} required`);
}

/** Of one that has no problem. */
export const farMachineOf = ({ ssh, identity_file }: OnFile, inputs: Fields): FarMachine => ({
  input: ssh ?? connectionsIn(inputs)[0] ?? "",
  ...(identity_file !== undefined && { identityFile: identity_file }),
});

const connectionsIn = (inputs: Fields): readonly string[] =>
  Object.entries(inputs).flatMap(([name, { type }]) => (type === "ssh" ? [name] : []));
