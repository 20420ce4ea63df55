/** `instep schema`: the JSON Schema of a recipe, for editors and other tools. */
import { recipeSchema } from "../../runner/definition/editors/recipeSchema.js";
import type { CliContext } from "../process/context.js";
import { ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";

export function printSchema(
  { json }: { readonly json?: boolean },
  { stdout }: Pick<CliContext, "stdout">,
): number {
  const schema = recipeSchema();
  stdout.write(json ? jsonLine(schema) : `${JSON.stringify(schema, null, 2)}\n`);
  return ExitCode.ok;
}
