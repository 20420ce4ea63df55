/** The words of `instep check`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { examples } from "./sharedOptions.js";

export function addCheck(program: Command, { context, ends }: Call): void {
  program
    .command("check")
    .description("Check recipes without a server, for editors and CI: file:line:column: message.")
    .argument("<files...>", "YAML files, folders of them, or - for standard input")
    .option("--json", "print one JSON object a line, for each file")
    .addHelpText(
      "after",
      `${examples(
        ["instep check deploy.yaml", ""],
        ["instep check workflows", "all recipes of a folder, as a server reads it"],
        ["generate | instep check -", ""],
      )}
Exit codes: 0 all can be used, 1 something is wrong in one, 2 one could not be looked at.
`,
    )
    .action(async (files: string[], flags) => {
      ends(await (await import("../recipes/check.js")).check(files, flags, context));
    });
}
