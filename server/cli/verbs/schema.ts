/** The words of `instep schema`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { examples } from "./sharedOptions.js";

export function addSchema(program: Command, { context, ends }: Call): void {
  program
    .command("schema")
    .description("Print the JSON Schema of a recipe, with which editors complete and explain.")
    .option("--json", "print it in one line")
    .addHelpText(
      "after",
      `${examples(["instep schema > recipe.schema.json", ""])}
An editor finds it by the first line of a recipe, which \`instep new\` writes:
  # yaml-language-server: $schema=recipe.schema.json
`,
    )
    .action(async (flags) => {
      ends((await import("../recipes/schema.js")).printSchema(flags, context));
    });
}
