/** The command line: its words, its help, and what became of a call as an exit code. */
import { Command, CommanderError, Option } from "commander";
import { type Flags, SettingError } from "../config.js";
import { SETTINGS } from "../settings.js";
import { DEFAULT_SERVER } from "./connect.js";
import type { CliContext } from "./context.js";
import { CliError, ExitCode } from "./exitCodes.js";
import { addRunCommands, withInputs } from "./runProgram.js";
import type { FolderSwitches } from "./startServer.js";
import { examples, repeated, withServer } from "./words.js";

/** `args` without the program's name. Resolves with the exit code; rejects only for bugs. */
export async function runCli(
  args: readonly string[],
  version: string,
  context: CliContext,
): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = createProgram(version, context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has already said what was wrong; its own codes for that are 0 and 1.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.usage;
    if (!(error instanceof SettingError) && !(error instanceof CliError)) throw error;
    context.stderr.write(`instep: ${error.message}\n`);
    return error instanceof CliError ? error.exitCode : ExitCode.usage;
  }
}

function createProgram(version: string, context: CliContext, ends: (code: number) => void) {
  const program = new Command("instep")
    .description(
      "Keeps the state of long multi-step workflows, saves every change before it tells anyone, and keeps every open tab in step.",
    )
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("(--help shows what there is)")
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .addHelpText(
      "after",
      examples(
        ["instep serve", `a server with its page on ${DEFAULT_SERVER}`],
        ["instep start backup --follow", "start a definition of that server, and watch it"],
        ["instep run backup.yaml", "run the commands of a file, each step live on the page"],
        ["instep list", "what runs, and what ran"],
        ["instep watch current", "follow whatever is running"],
        ["instep logs current -f", "what its commands print"],
      ) + EXIT_CODES,
    );

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
        `\nA flag counts more than its variable. Times are written 500ms, 30s, 10m, 1h.\nA token has 16 characters or more: \`echo "drive $(openssl rand -hex 32)" > tokens\`.\nSIGTERM or Ctrl-C ends it in order; a second one ends it at once.\n`,
    )
    .action(async ({ init, takeOver, ...flags }: Flags & FolderSwitches) => {
      ends(await (await import("./serve.js")).serve(flags, context, { init, takeOver }));
    });
  for (const setting of Object.values(SETTINGS)) serve.addOption(optionFor(setting));
  withFolderSwitches(serve);

  withFolderSwitches(withInputs(withServer(program.command("run"))))
    .description("Run the steps of a definition here, and report each one as it goes.")
    .argument("<file>", "the definition, a YAML file")
    .addOption(
      optionFor({
        ...SETTINGS.dataDir,
        about: "where to keep the workflow when no server is named",
      }),
    )
    .option("--port <number>", "port of the page when no server is named (default: a free one)")
    .option("--json", "print one JSON object a line")
    .option("--quiet", "print nothing but errors")
    .addHelpText("after", RUN_HELP)
    .action(async (file: string, flags) => {
      ends(await (await import("./run.js")).run(file, flags, context));
    });

  addRunCommands(program, context, ends);

  withServer(program.command("list"))
    .description("List the workflows of a server, newest first.")
    .option("--status <status>", "only these, several with commas: running, failed, ...")
    .option("--definition <name>", "only those that were started from this definition")
    .option("--search <words>", "only those with these words in their line, whatever their case")
    .option("--input <name=value>", "only those with this input, such as host=web-7")
    .option("--limit <number>", "at most so many (default: 100)")
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      examples(
        ["instep list", ""],
        ["instep list --definition backup --status failed", ""],
        ["instep list --search 'disk full'", "also what ended long ago"],
        ["instep list --status running,blocked", ""],
        ["instep list --json | head -1", "the newest, for programs"],
      ),
    )
    .action(async (flags) => {
      ends(await (await import("./list.js")).list(flags, context));
    });

  withServer(program.command("watch"))
    .description("Follow a workflow live until it ends, and end like it: 0, 1 or 3.")
    .argument("<id>", 'its id, the address of its page, or "current" for whichever is running')
    .option("--json", "print one JSON object a line")
    .addHelpText(
      "after",
      `${examples(
        ["instep watch current", ""],
        ["instep watch nightly-backup && echo done", "wait for the end, then go on"],
      )}\nCtrl-C stops the watching, not the workflow.\n`,
    )
    .action(async (id: string, flags) => {
      ends(await (await import("./watch.js")).watch(id, flags, context));
    });

  withServer(program.command("logs"))
    .description("Print what the steps of a workflow printed, and go on until it ends.")
    .argument("<id>", 'its id, the address of its page, or "current" for whichever is running')
    .option("--step <index or action>", "only this step (default: all, in order)")
    .option("--attempt <number>", "this attempt of it (default: the newest)")
    .option("-f, --follow", "go on until the workflow ends (default in a terminal, while it runs)")
    .option("--no-follow", "only what is there now")
    .option("--tail <lines>", "only the last lines of the newest step, and what follows")
    .addHelpText(
      "after",
      `${examples(
        ["instep logs current -f", ""],
        ["instep logs nightly-backup --step archive > archive.log", "byte for byte"],
        ["instep logs nightly-backup --step 2 --tail 20", ""],
      )}\nIn a terminal, sequences that would steer it are left out, but for colours.\n`,
    )
    .action(async (id: string, flags) => {
      ends(await (await import("./logs.js")).logs(id, flags, context));
    });
  return program;
}

/** Said by hand, once: in the environment they would be said for ever. */
const withFolderSwitches = (command: Command): Command =>
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

function optionFor({ flag, about, env, fallback, repeatable }: Described): Option {
  const origin = fallback === undefined ? "" : `, default ${fallback}`;
  const option = new Option(flag, `${about} (env ${env.join(" or ")}${origin})`);
  if (!repeatable) return option;
  return option.argParser(repeated);
}

const EXIT_CODES = `
Exit codes: 0 completed, 1 failed, 2 wrong usage, 3 cancelled, 4 waits for an answer and
nobody is there to be asked, 5 no server answers, 75 another server holds the data folder, 130 interrupted by Ctrl-C.
`;

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

Each \`run\` goes to /bin/sh -c, in the definition's folder unless \`cwd\` says otherwise.
\`env\` adds variables; INSTEP_WORKFLOW_ID, INSTEP_STEP and others are there too.
A step is over when its command is: what it left in the background is stopped, but for what left its process group (a daemon).
Ctrl-C cancels: SIGTERM to the command and all it started, SIGKILL ten seconds later.
${examples(
  ["instep run examples/backup.yaml", "with a server and page of its own"],
  [`instep run nightly.yaml --server ${DEFAULT_SERVER}`, "on a server that is running"],
)}${EXIT_CODES}`;
