/** The words of `instep watch`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, examples, withServer } from "./sharedOptions.js";

export function addWatch(program: Command, { context, ends }: Call): void {
  withServer(program.command("watch"))
    .description("Follow a workflow live until it ends, and end like it: 0, 1 or 3.")
    .argument("<id>", AN_ID)
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep watch current", ""],
        ["instep watch nightly-backup && echo done", "wait for the end, then go on"],
      )}\nCtrl-C stops the watching, not the workflow.\n`,
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../steering/watch.js")).watch(id, flags, context));
    });
}
