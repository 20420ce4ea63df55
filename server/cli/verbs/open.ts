/** The words of `instep open` and `instep share`: the page of a workflow, for oneself and for others. */
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

export function addShare(program: Command, { context, ends }: Call): void {
  withServer(program.command("share"))
    .description("Make a link that shows one workflow for a while, and nothing else of the server.")
    .argument("[id]", AN_ID)
    .option("--for <time>", "how long it lasts: 90m, 2h or 7d, at most 30d (default: 24h)")
    .option("--list", "list the links that count, of this workflow or of all")
    .option("--revoke <link>", "take a link back, by its number or itself")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep share current --for 2h", ""],
        ["instep share --list", ""],
        ["instep share --revoke 482913", ""],
      )}\nWhoever has the link may watch that workflow until then. A retry is another workflow, which it does not show.\n`,
    )
    .action(async (id: string | undefined, flags) => {
      ends(await (await import("../sharing/share.js")).share(id, flags, context));
    });
}
