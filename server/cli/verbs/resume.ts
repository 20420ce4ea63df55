/** The words of `instep resume`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { A_STEP, AN_ID, examples, withFollow, withServer } from "./sharedOptions.js";

export function addResume(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("resume")))
    .description("Go on with an interrupted workflow, from its first step that is not done.")
    .argument("<id>", AN_ID)
    .option("--done <step>", `its interrupted step, ${A_STEP}, is done: go on after it`)
    .addHelpText(
      "after",
      examples(
        ["instep resume deploy-7 --follow", "its interrupted step again, then the others"],
        ["instep resume deploy-7 --done copy", "that step was done by hand"],
      ),
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../steering/steer.js")).resume(id, flags, context));
    });
}
