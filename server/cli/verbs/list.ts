/** The words of `instep list`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { examples, withServer } from "./sharedOptions.js";

export function addList(program: Command, { context, ends }: Call): void {
  withServer(program.command("list"))
    .description("List the workflows of a server, newest first.")
    .option("--status <status>", "only these, several with commas: running, failed, ...")
    .option("--definition <name>", "only those that were started from this definition")
    .option("--search <words>", "only those with these words in their line, whatever their case")
    .option("--input <name=value>", "only those with this input, such as host=web-7")
    .option("--limit <number>", "at most so many (default: 100)")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      examples(
        ["instep list", ""],
        ["instep list --definition backup --status failed", ""],
        ["instep list --search 'disk full'", "also what ended long ago"],
        ["instep list --status running,blocked", ""],
        ["instep list --json | head -1", "the newest, for programs"],
      ),
    )
    .action(async (flags) => {
      ends(await (await import("../listing/list.js")).list(flags, context));
    });
}
