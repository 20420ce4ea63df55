/** The words of `instep check` and `instep doctor`: whether recipes, and a whole house, can be used. */
import type { Command } from "commander";
import type { Flags } from "../../settings/resolveSettings.js";
import { SETTINGS } from "../../settings/settings.js";
import type { DoctorFlags } from "../doctor/doctor.js";
import type { Call } from "./call.js";
import { examples, optionFor, withConfig } from "./sharedOptions.js";

export function addCheck(program: Command, { context, ends }: Call): void {
  program
    .command("check")
    .description("Check recipes without a server, for editors and CI: file:line:column: message.")
    .argument("<files...>", "YAML files, folders of them, or - for standard input")
    .option("--json", "print one JSON object a line, for each file")
    .addHelpText(
      "after",
      `${examples(
        ["instep check deploy.yaml", ""],
        ["instep check workflows", "all recipes of a folder, as a server reads it"],
        ["generate | instep check -", ""],
      )}
Exit codes: 0 all can be used, 1 something is wrong in one, 2 one could not be looked at.
`,
    )
    .action(async (files: string[], flags) => {
      ends(await (await import("../recipes/check.js")).check(files, flags, context));
    });
}

/** Whether a server can work here: what `serve` with the same flags would find. */
export function addDoctor(program: Command, { context, ends }: Call): void {
  const doctor = program
    .command("doctor")
    .description("Check whether a server can work here, and is reached through its proxy.")
    .option("--url <url>", "also ask the server at this address, as programs and pages do")
    .option("--token <token>", "a token of that server; better in the variable INSTEP_TOKEN")
    .option("--json", "print one JSON object a line, for each finding")
    .addHelpText(
      "after",
      `${examples(
        ["instep doctor", "as `instep serve` would start here"],
        ["instep doctor --data-dir /var/lib/instep/data", ""],
        ["instep doctor --url https://runs.example.com/instep", "through the proxy"],
      )}
It changes nothing: one small file is written to the data folder and removed again.
Exit codes: 0 nothing is wrong, 1 something is.
`,
    )
    .action(async (flags: Flags & DoctorFlags) => {
      ends(await (await import("../doctor/doctor.js")).doctor(flags, context));
    });
  for (const setting of Object.values(SETTINGS)) doctor.addOption(optionFor(setting));
  withConfig(doctor);
}
