/** The words of `instep cancel`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, examples, withFollow, withServer } from "./sharedOptions.js";

export function addCancel(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("cancel")))
    .description(
      "Stop a workflow: SIGTERM to its command and all it started, SIGKILL after its stop_timeout (10 s).",
    )
    .argument("<id>", AN_ID)
    .option("--now", "do not wait: SIGKILL at once")
    .addHelpText(
      "after",
      examples(
        ["instep cancel current", ""],
        ["instep cancel deploy-7 --now", ""],
        ["instep cancel deploy-7 --follow", "wait until it has stopped"],
      ),
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../steering/steer.js")).cancel(id, flags, context));
    });
}
