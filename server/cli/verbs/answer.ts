/** The words of `instep answer`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, examples, withFollow, withServer } from "./sharedOptions.js";

export function addAnswer(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("answer")))
    .description("Answer what a workflow asks. Without values: asks you, in a terminal.")
    .argument("<id>", AN_ID)
    .argument("[values...]", "as field=value")
    .option("--by <name>", "who answers (default: this machine)")
    .addHelpText(
      "after",
      examples(
        ["instep answer current", "shows the question"],
        ["instep answer deploy-7 go=yes", ""],
      ),
    )
    .action(async (id: string, values: string[], flags) => {
      ends(await (await import("../steering/steer.js")).answer(id, values, flags, context));
    });
}
