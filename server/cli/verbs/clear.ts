/** The words of `instep clear`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, examples, withServer } from "./sharedOptions.js";

export function addClear(program: Command, { context, ends }: Call): void {
  withServer(program.command("clear"))
    .description("Clear ended workflows for good, with all they printed. Asks first.")
    .argument("[id...]", AN_ID)
    .option("--ended", "all that have ended, those in the history too")
    .option("--older-than <time>", "all that ended so long ago or longer: 12h, 7d")
    .option("--force", "also one that has not ended, unless it runs in the server")
    .option("-n, --dry-run", "only say which")
    .option("-y, --yes", "do not ask")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep clear nightly-backup", ""],
        ["instep clear --older-than 7d --dry-run", "which would go"],
        ["instep clear --ended --yes", "in a script"],
      )}\nWhat runs is cancelled first: instep cancel <id>. Where one of several ids cannot be cleared, none is.\n`,
    )
    .action(async (ids: string[], flags) => {
      ends(await (await import("../clearing/clear.js")).clear(ids, flags, context));
    });
}
