/** The words of `instep resume`. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { A_STEP, AN_ID, withFollow, withServer } from "./words.js";

export function addResume(program: Command, { context, ends }: Call): void {
  withFollow(withServer(program.command("resume")))
    .description("Go on with an interrupted workflow, from its first step that is not done.")
    .argument("<id>", AN_ID)
    .option("--done <step>", `its interrupted step, ${A_STEP}, is done: go on after it`)
    .action(async (id: string, flags) => {
      ends(await (await import("../steer.js")).resume(id, flags, context));
    });
}
