/** The command line: its words, its help, and what became of a call as an exit code. */
import { Command, CommanderError } from "commander";
import { SettingError } from "../settingError.js";
import type { CliContext } from "./context.js";
import { DEFAULT_SERVER } from "./defaultServer.js";
import { CliError, ExitCode } from "./exitCodes.js";
import { addVerbs } from "./verbs/index.js";
import { EXIT_CODES, examples } from "./verbs/words.js";

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

  addVerbs(program, { context, ends });
  return program;
}
