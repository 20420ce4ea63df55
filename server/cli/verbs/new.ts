/** The words of `instep new`. */
import { type Command, Option } from "commander";
import { SETTINGS } from "../../settings/settings.js";
import { EXAMPLE_NAMES } from "../process/exampleNames.js";
import type { Call } from "./call.js";
import { examples, optionFor, withConfig } from "./sharedOptions.js";

export function addNew(program: Command, { context, ends }: Call): void {
  withConfig(program.command("new"))
    .description("Write a small recipe with comments, to begin with, into the definitions folder.")
    .argument("[recipe]", "what it is called: the file is <recipe>.yaml (default: hello)")
    .addOption(optionFor(SETTINGS.workflows))
    .addOption(
      new Option("--example <example>", "begin with a copy of one that comes with Instep").choices(
        EXAMPLE_NAMES,
      ),
    )
    .option("--force", "write over a file that is there")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      examples(
        ["instep new deploy", "workflows/deploy.yaml"],
        ["instep new nightly --example backup", "with what the example does"],
      ),
    )
    .action(async (name: string | undefined, flags) => {
      ends(await (await import("../recipes/new.js")).createRecipe(name, flags, context));
    });
}
