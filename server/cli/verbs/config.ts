/** The words of `instep config`. */
import type { Command } from "commander";
import type { Flags } from "../../settings/resolveSettings.js";
import { SETTINGS } from "../../settings/settings.js";
import type { Call } from "./call.js";
import { examples, optionFor, withServer } from "./sharedOptions.js";

export function addConfig(program: Command, { context, ends }: Call): void {
  const config = program
    .command("config")
    .description("Show every setting with its value here, and where that comes from.")
    .argument("[setting]", "only the value of this one, such as port")
    .option("--json", "print one JSON object a line");
  for (const setting of Object.values(SETTINGS)) config.addOption(optionFor(setting));
  withServer(config)
    .addHelpText(
      "after",
      `${examples(
        ["instep config", "as `instep serve` would take them, and the commands that talk to it"],
        ["instep config --port 8080", "with that flag"],
        ["instep config data_dir", "for scripts"],
      )}
A flag counts more than its variable, a variable more than instep.yaml in this folder, and that more than the default.
Folders above are not looked into. A token is never shown.
`,
    )
    .action(async (setting: string | undefined, { json, ...flags }: Flags) => {
      const { showConfig } = await import("../config/showConfig.js");
      ends(showConfig(setting, { isJson: json === true }, flags, context));
    });
}
