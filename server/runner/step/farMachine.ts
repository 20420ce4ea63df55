/** The connection to the machine that a step's command runs on, by what was given at the start. Pure. */
import { join } from "node:path";
import type { FieldValues } from "../../../shared/fields/fields.js";
import { parseSshConnection } from "../../../shared/fields/sshConnection.js";
import type { FarMachine, WorkflowDefinition } from "../definition/definition.js";
import type { FarConnection } from "../keeper/keptJob.js";
import { type Environment, valueVariables } from "../variables/environment.js";
import { expandVariables } from "../variables/expand.js";
import { knownNames } from "../variables/knownNames.js";

export interface GivenForFar {
  readonly definition: WorkflowDefinition;
  readonly inputs: FieldValues;
  /** Of the commands of this machine. */
  readonly env: Environment;
  /** The keys of hosts are kept there. */
  readonly stateDir: string | null;
}

/** The problem, as a predicate of the step's command, where there is no such connection. */
export function farConnectionOf(
  { input, identityFile = "" }: FarMachine,
  { definition, inputs, env, stateDir }: GivenForFar,
): { readonly connection: FarConnection } | { readonly problem: string } {
  const given = inputs[input];
  if (given === undefined) return { problem: `${input} was not given, which says where it runs` };
  const parsed = parseSshConnection(String(given));
  if (!parsed.ok) return { problem: `${input} ${parsed.why}` };
  if (stateDir === null) return { problem: "there is no folder in which keys of hosts are kept" };
  const below = { ...env, ...valueVariables("INPUT", inputs, definition.inputs) };
  const name = "identity_file";
  const expanded = expandVariables({ [name]: identityFile }, below, knownNames(definition));
  if (!expanded.ok) return { problem: `${name}: ${expanded.why}` };
  const file = (expanded.env[name] ?? "").replace(/^~(?=\/)/, env.HOME ?? "~");
  const { host, port, user } = parsed.connection;
  return {
    connection: {
      ...{ host, port, user: user ?? "" },
      ...(file !== "" && { identityFile: file }),
      knownHosts: join(stateDir, "known_hosts"),
    },
  };
}
