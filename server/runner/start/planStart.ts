/** A start on this server that is only looked at. */
import type { CommandOf } from "../../../shared/schema/command.js";
import type { StartPlan } from "../../../shared/wire/rest.js";
import type { Definitions } from "../definition/source/definitions.js";
import { findDefinition } from "../definition/source/findDefinition.js";
import { readServerSecrets } from "../secrets/serverSecrets.js";
import type { Environment } from "../variables/environment.js";
import { planOf } from "./plan.js";

/** The plan of the start that is asked for. Nothing is kept, and no id is taken. Rejects as the start itself would be refused. */
export async function planStart(
  command: CommandOf<"start">,
  {
    definitions,
    env,
    secretEnv,
  }: {
    readonly definitions: Pick<Definitions, "find" | "list">;
    readonly env: Environment;
    readonly secretEnv: Environment;
  },
): Promise<StartPlan> {
  const definition = await findDefinition(command.name, definitions);
  const plan = planOf(definition, command, env);
  await readServerSecrets(definition, secretEnv);
  return plan;
}
