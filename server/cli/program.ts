/** The command line: its words, its help, and what became of a call as an exit code. */
import { Command } from "commander";
import type { ConfigFile } from "../resolveSettings.js";
import { readConfig } from "./config/findConfig.js";
import type { CliContext } from "./context.js";
import { DEFAULT_SERVER } from "./defaultServer.js";
import { ExitCode } from "./exitCodes.js";
import { asksForJson, exitCodeOf, failureText, isFailure } from "./failure.js";
import { asCalled } from "./printed/calledAs.js";
import { addVerbs } from "./verbs/index.js";
import { EXIT_CODES, examples } from "./verbs/words.js";

/** `args` without the program's name. Resolves with the exit code; rejects only for bugs. */
export async function runCli(
  args: readonly string[],
  version: string,
  context: CliContext,
): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const isJson = asksForJson(args);
  const program = createProgram(version, context, isJson, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (!isFailure(error)) throw error;
    const said = failureText(error, isJson);
    context.stderr.write(isJson ? said : asCalled(said, context));
    return exitCodeOf(error);
  }
}

function createProgram(
  version: string,
  context: CliContext,
  isJson: boolean,
  ends: (code: number) => void,
) {
  const program = new Command("instep")
    .description(
      "Keeps the state of long multi-step workflows, saves every change before it tells anyone, and keeps every open tab in step.",
    )
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError(isJson ? false : "(--help shows what there is)")
    .configureOutput({
      writeOut: (text) => context.stdout.write(asCalled(text, context)),
      writeErr: (text) => context.stderr.write(asCalled(text, context)),
      // What Commander would say of a mistake comes as an object.
      ...(isJson && { outputError: () => {} }),
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

  const called = { ...context, config: null as ConfigFile | null };
  program.hook("preAction", async (_, verb) => {
    // Those that have no such option do without, whatever lies in the folder.
    const isFor = verb.options.some(({ long }) => long === "--config");
    if (isFor) called.config = await readConfig(verb.opts(), context);
  });
  addVerbs(program, { context: called, ends });
  return program;
}
