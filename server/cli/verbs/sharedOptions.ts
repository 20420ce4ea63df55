/** Options and texts that the help of several commands shares. */
import { type Command, Option } from "commander";
import { DEFAULT_SERVER } from "../../settings/defaultServer.js";

/** How a command names a workflow. */
export const AN_ID = 'its id, the address of its page, or "current" for whichever is running';

/** How a command names a step. */
export const A_STEP = "by its action or its number from 1";

export function withServer(command: Command): Command {
  const own = command.name() === "run" ? "a server of its own" : DEFAULT_SERVER;
  return withConfig(command)
    .option("--server <address>", `the server to talk to (env INSTEP_URL, default: ${own})`)
    .option("--token <token>", "a token of that server; better in the variable INSTEP_TOKEN");
}

/** For a command that the settings of the folder are for: program.ts reads them before it runs. */
export const withConfig = (command: Command): Command =>
  command
    .option("--config <file>", "the settings (env INSTEP_CONFIG, default: instep.yaml, if there)")
    .option("--no-config", "read no such file");

/** For an option that may be given several times. */
export const repeated = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

export function examples(
  ...lines: readonly (readonly [command: string, meaning: string])[]
): string {
  const width = Math.max(...lines.map(([command]) => command.length)) + 3;
  const shown = lines.map(([command, meaning]) => `  ${command.padEnd(width)}${meaning}`.trimEnd());
  return `\nExamples:\n${shown.join("\n")}\n`;
}

/** The options of `start` and `run` for a definition's inputs and steps. */
export function withInputs(command: Command): Command {
  return command
    .option("--input <key=value>", "an input; may be repeated", repeated)
    .option("--secret <key>", "an input read from a line of standard input", repeated)
    .option("--skip <step>", `leave one out, ${A_STEP}; may be repeated`, repeated)
    .option(
      "--enable <step>",
      'run one that has "enabled: false" in its file; may be repeated',
      repeated,
    );
}

export const DRY_RUN = "only tell what would be done: inputs, steps, questions, variables";

export function withFollow(command: Command): Command {
  return command
    .option("-f, --follow", "watch it until it ends, and end like it")
    .option("--json", "print one JSON object a line");
}

/** Said by hand, once: in the environment they would be said for ever. */
export const withFolderSwitches = (command: Command): Command =>
  command
    .option("--init", "begin a new store in a folder that held one and is empty now")
    .option("--no-init", "begin none: the folder must hold a store")
    .option(
      "--take-over",
      "take the data folder from a server of which nothing tells whether it still runs",
    );

interface Described {
  readonly flag: string;
  readonly about: string;
  readonly env: readonly string[];
  readonly fallback?: string;
  readonly repeatable?: true;
}

export function optionFor({ flag, about, env, fallback, repeatable }: Described): Option {
  const variable = env.join(" or ");
  const off = flag.startsWith("--no-") ? `${variable}=false` : null;
  const origin = fallback === undefined || off ? "" : `, default ${fallback}`;
  const option = new Option(flag, `${about} (env ${off ?? variable}${origin})`);
  if (!repeatable) return option;
  return option.argParser(repeated);
}

export const EXIT_CODES = `
Exit codes: 0 completed, 1 failed, 2 wrong usage, 3 cancelled, 4 waits for an answer and
nobody is there to be asked, 5 no server answers, 75 another server holds the data folder, 130 interrupted by Ctrl-C.
`;
