/** The command line: its words, its help, and what became of a call as an exit code. */
import { Command, CommanderError } from "commander";
import { DEFAULT_SERVER } from "../settings/defaultServer.js";
import type { ConfigFile } from "../settings/resolveSettings.js";
import { readConfig } from "./config/findConfig.js";
import { asksForJson, exitCodeOf, failureText, isFailure } from "./failure.js";
import { asCalled, helpAsCalled } from "./printed/calledAs.js";
import type { CliContext } from "./process/context.js";
import { CliError, ExitCode } from "./process/exitCodes.js";
import { addVerbs } from "./verbs/index.js";
import { EXIT_CODES, examples } from "./verbs/sharedOptions.js";

/** `args` without the program's name. Resolves with the exit code; rejects only for bugs. */
export async function runCli(
  args: readonly string[],
  version: string,
  context: CliContext,
): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const isJson = asksForJson(args);
  const program = createProgram(version, context, (code) => {
    exitCode = code;
  });
  if (args[0] === "__complete") {
    const { complete } = await import("./completion/complete.js");
    await complete(args.slice(1), program, context);
    return ExitCode.ok;
  }
  try {
    if (args.length === 0) return await (await import("./overview.js")).overview(context);
    if (asksForHelp(args)) await refuseUnknownHelp(program, args);
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (thrown) {
    const error = await inOurWords(thrown, program, args);
    if (!isFailure(error)) throw error;
    const said = failureText(error, isJson);
    context.stderr.write(isJson ? said : asCalled(said, context));
    return exitCodeOf(error);
  }
}

const asksForHelp = (args: readonly string[]): boolean =>
  args[0] === "help" || args.includes("--help") || args.includes("-h");

async function refuseUnknownHelp(program: Command, args: readonly string[]): Promise<void> {
  const { unknownHelp } = await import("./refusals/usage.js");
  const refusal = unknownHelp(program, args);
  if (refusal) throw refusal;
}

async function inOurWords(
  error: unknown,
  program: Command,
  args: readonly string[],
): Promise<unknown> {
  if (!(error instanceof CommanderError)) {
    if (isFailure(error)) return error;
    const { diskProblem } = await import("./process/diskProblem.js");
    const problem = diskProblem(error);
    return problem === null
      ? error
      : new CliError(ExitCode.failed, `${problem}.`, { cause: error });
  }
  const { usageError } = await import("./refusals/usage.js");
  return usageError(error, program, args) ?? error;
}

function createProgram(version: string, context: CliContext, ends: (code: number) => void) {
  const program = new Command("instep")
    .description(
      "Keeps the state of long multi-step workflows, saves every change before it tells anyone, and keeps every open tab in step.",
    )
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => context.stdout.write(helpAsCalled(text, context)),
      writeErr: (text) => context.stderr.write(helpAsCalled(text, context)),
      // Commander's own errors are not printed: a mistake is said in our own words, or as an object.
      outputError: () => {},
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
    // Those that have no such option do without, whatever lies in the folder. What is wrong with the file is a finding of `doctor`.
    const isFor = verb.options.some(({ long }) => long === "--config") && verb.name() !== "doctor";
    if (isFor) called.config = await readConfig(verb.opts(), context);
  });
  addVerbs(program, { context: called, ends });
  return program;
}
