/** The words of `instep cancel`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { AN_ID, withFollow, withServer } from "./words.js";

export function addCancel(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("cancel")))
    .description("Stop a workflow: SIGTERM to its command and all it started, SIGKILL after 10 s.")
    .argument("<id>", AN_ID)
    .option("--now", "do not wait: SIGKILL at once")
    .action(async (id: string, flags) => {
      ends(await (await import("../steer.js")).cancel(id, flags, context));
    });
}
