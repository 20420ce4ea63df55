/** The words of `instep definitions`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { examples, withServer } from "./sharedOptions.js";

export function addDefinitions(program: Command, { context, ends }: Call): void {
  withServer(program.command("definitions"))
    .description("List what can be started on a server, and the files that cannot be used.")
    .option("--json", "print one JSON object a line")
    .argument("[name]", "only this one, with all that its inputs and steps are")
    .addHelpText(
      "after",
      examples(["instep definitions", ""], ["instep definitions backup", "and how it is started"]),
    )
    .action(async (name: string | undefined, flags) => {
      ends(await (await import("../listing/definitions.js")).definitions(name, flags, context));
    });
}
