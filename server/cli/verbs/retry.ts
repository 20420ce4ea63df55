/** The words of `instep retry`. */
import { type Command, Option } from "commander";
import type { Call } from "./call.js";
import { A_STEP, AN_ID, examples, repeated, withFollow, withServer } from "./sharedOptions.js";

export function addRetry(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("retry")))
    .description("Run an ended workflow again as a new one that keeps the steps before.")
    .argument("<id>", AN_ID)
    .option("--from <step>", `where to start, ${A_STEP} (default: the first that is not done)`)
    .addOption(
      new Option(
        "--recipe <which>",
        "the recipe as it was when it was started, or as it is now (default: then)",
      ).choices(["then", "now"]),
    )
    .option("--input <key=value>", "an input; may be repeated", repeated)
    .addHelpText(
      "after",
      examples(
        ["instep retry deploy-7 --follow", "from the step that failed"],
        ["instep retry deploy-7 --from build", "from that one, with what came before kept"],
        ["instep retry deploy-7 --recipe now", "with what was mended in the recipe meanwhile"],
      ),
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../steering/start.js")).retry(id, flags, context));
    });
}
