/** The words of `instep logs` and `instep deliveries`: what a workflow printed, and whom its webhooks told. */
import type { Command } from "commander";
import type { Call } from "./call.js";
import { A_STEP, AN_ID, examples, withServer } from "./sharedOptions.js";

export function addLogs(program: Command, { context, ends }: Call): void {
  withServer(program.command("logs"))
    .description("Print what the steps of a workflow printed, and go on until it ends.")
    .argument("<id>", AN_ID)
    .option("--step <step>", `only this one, ${A_STEP} (default: all, in order)`)
    .option("--attempt <number>", "this attempt of it (default: the newest)")
    .option("-f, --follow", "go on until the workflow ends (default in a terminal, while it runs)")
    .option("--no-follow", "only what is there now")
    .option("--tail <lines>", "only the last lines of the newest step, and what follows")
    .option("-t, --timestamps", "before each line, when it began, in UTC")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep logs current -f", ""],
        ["instep logs nightly-backup --step archive > archive.log", "byte for byte"],
        ["instep logs nightly-backup --step 2 --tail 20 -t", ""],
      )}\nIn a terminal, what a command writes over is written over; nothing else that it prints steers yours, but for colours.\n`,
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../logs/logs.js")).logs(id, flags, context));
    });
}

export function addDeliveries(program: Command, { context, ends }: Call): void {
  withServer(program.command("deliveries"))
    .description("Print what webhooks were told of a workflow, and are still to be told.")
    .argument("<id>", AN_ID)
    .option("--retry <delivery>", "send this one again, by its id, whatever became of it")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep deliveries current", ""],
        ["instep deliveries nightly-backup --json", "with the first line of each answer"],
      )}\nThe receiver finds the id of a delivery as \`webhook-id\`, and the same one again at each try.\n`,
    )
    .action(async (id: string, flags) => {
      ends(await (await import("../deliveries/deliveries.js")).deliveries(id, flags, context));
    });
}
