/** The words of `instep run`. */
import type { Command } from "commander";
import { DEFAULT_SERVER } from "../../settings/defaultServer.js";
import { SETTINGS } from "../../settings/settings.js";
import type { Call } from "./call.js";
import {
  DRY_RUN,
  EXIT_CODES,
  examples,
  optionFor,
  withFolderSwitches,
  withInputs,
  withServer,
} from "./sharedOptions.js";

export function addRun(program: Command, { context, ends }: Call): void {
  withFolderSwitches(withInputs(withServer(program.command("run"))))
    .description("Run the steps of a definition here, and report each one as it goes.")
    .argument("[file]", "the definition, a YAML file")
    .option("--take-up <id>", TAKE_UP)
    .addOption(
      optionFor({
        ...SETTINGS.dataDir,
        about: "where to keep the workflow when no server is named",
      }),
    )
    .option("--dry-run", DRY_RUN)
    .option("--port <number>", "port of the page when no server is named (default: a free one)")
    .option("--json", "print one JSON object a line")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", RUN_HELP)
    .action(async (file: string | undefined, { takeUp, ...flags }, verb: Command) => {
      if (takeUp !== undefined) {
        if (file !== undefined)
          verb.error("error: --take-up goes on with what was started, and needs no file");
        return ends(await (await import("../run/takeUp.js")).takeUp(takeUp, flags, context));
      }
      if (file === undefined) return verb.error("error: missing required argument 'file'");
      ends(await (await import("../run/run.js")).run(file, flags, context));
    });
}

const TAKE_UP =
  "go on with a workflow of the data folder whose run was killed, by its id; its command went on";

const RUN_HELP = `
A definition:
  name: nightly
  title: Nightly backup
  steps:
    - action: archive
      title: Archive the site
      run: tar -czf /tmp/site.tar.gz ./site
      timeout: 10m
    - action: check
      run: tar -tzf /tmp/site.tar.gz > /dev/null

Each \`run\` goes to /bin/sh -e -c, or to the \`shell\` it names, in the definition's folder unless \`cwd\` says otherwise.
\`env\` adds variables; INSTEP_WORKFLOW_ID, INSTEP_STEP and others are there too.
A step is over when its command is: what it left in the background is ended and named, unless the step has \`leaves: true\`.
A run that is killed leaves its command at work: --take-up, or a server on the folder, goes on with it.
Ctrl-C cancels: SIGTERM to the command and all it started, SIGKILL after the step's stop_timeout (10 s).
${examples(
  ["instep run nightly.yaml", "with a server and page of its own"],
  [`instep run nightly.yaml --server ${DEFAULT_SERVER}`, "on a server that is running"],
  ["instep run --take-up nightly-7", "the one that was killed"],
)}${EXIT_CODES}`;
