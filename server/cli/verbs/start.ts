/** The words of `instep start`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { DRY_RUN, examples, withFollow, withInputs, withServer } from "./sharedOptions.js";

export function addStart(program: Command, { context, ends }: Call): void {
  withFollow(withInputs(withServer(program.command("start"))))
    .description("Start a definition on a server, which runs it whoever watches.")
    .argument("<name>", "of the definition; `instep definitions` lists them")
    .option("--dry-run", DRY_RUN)
    .option("--id <id>", "the new workflow's id (default: made up)")
    .addHelpText(
      "after",
      examples(
        ["instep start backup --follow", ""],
        ["instep start deploy --input host=example.com --skip notify", ""],
        ["instep start deploy --secret token < token.txt", "a line for each secret"],
      ),
    )
    .action(async (name: string, flags) => {
      ends(await (await import("../steering/start.js")).start(name, flags, context));
    });
}
