/** The words of `instep open`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, examples, withServer } from "./sharedOptions.js";

export function addOpen(program: Command, { context, ends }: Call): void {
  withServer(program.command("open"))
    .description("Open the page of a workflow, or of the server, in the browser.")
    .argument("[id]", AN_ID)
    .option("--no-browser", "only print the address")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `${examples(
        ["instep open", "the page of the server"],
        ["instep open current", ""],
        ["instep open nightly-backup", ""],
      )}\nThe address is printed in any case. Over SSH, and where there is no display, nothing is opened unless BROWSER names a program.\n`,
    )
    .action(async (id: string | undefined, flags) => {
      ends(await (await import("../opening/open.js")).open(id, flags, context));
    });
}
