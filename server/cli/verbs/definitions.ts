/** The words of `instep definitions`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { withServer } from "./words.js";

export function addDefinitions(program: Command, { context, ends }: Call): void {
  withServer(program.command("definitions"))
    .description("List what can be started on a server, and the files that cannot be used.")
    .option("--json", "print one JSON object a line")
    .action(async (flags) => {
      ends(await (await import("../definitions.js")).definitions(flags, context));
    });
}
