/** The words of `instep serve`. */
import type { Command } from "commander";
import type { Flags } from "../../settings/resolveSettings.js";
import { SETTINGS } from "../../settings/settings.js";
import type { ServeSwitches } from "../serve/serve.js";
import type { Call } from "./call.js";
import { examples, optionFor, withConfig, withFolderSwitches } from "./sharedOptions.js";

export function addServe(program: Command, { context, ends }: Call): void {
  const serve = program
    .command("serve")
    .description("Start the server with its page.")
    .addHelpText(
      "after",
      examples(
        ["instep serve", ""],
        ["instep serve --port 8080 --data-dir /var/lib/instep", ""],
        ["instep serve --host 0.0.0.0 --token-file tokens", "beyond this machine"],
      ) +
        `\nA flag counts more than its variable, and a variable more than instep.yaml in this folder, which\nsays the same by keys (data_dir: /var/lib/instep); \`instep config\` shows what counts. Times are written 500ms, 30s, 10m, 1h.\nA token has 16 characters or more: \`echo "drive $(openssl rand -hex 32)" > tokens\`.\nSIGTERM or Ctrl-C ends it in order; a second one ends it at once.\n`,
    )
    .option("--json", "print one JSON object once it listens, and its log as JSON")
    .action(async ({ init, takeOver, json, ...flags }: Flags & ServeSwitches) => {
      ends(
        await (await import("../serve/serve.js")).serve(flags, context, { init, takeOver, json }),
      );
    });
  for (const setting of Object.values(SETTINGS)) serve.addOption(optionFor(setting));
  withFolderSwitches(withConfig(serve));
}
