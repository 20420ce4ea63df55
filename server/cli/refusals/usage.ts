/** Mistakes in the words of a call, before any command runs: what Commander finds, with what was probably meant. */
import type { Command, CommanderError } from "commander";
import { didYouMean, nearest, theOnlyLonger } from "../../../shared/text/nearest.js";
import { CliError, ExitCode } from "../process/exitCodes.js";

/** Our verbs by the names that other tools have for them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  abort: "cancel",
  continue: "resume",
  delete: "clear",
  describe: "definitions",
  exec: "run",
  follow: "watch",
  kill: "cancel",
  lint: "check",
  ls: "list",
  output: "logs",
  ps: "list",
  recipes: "definitions",
  remove: "clear",
  rerun: "retry",
  rm: "clear",
  server: "serve",
  show: "watch",
  status: "list",
  stop: "cancel",
  tail: "logs",
  up: "serve",
  validate: "check",
};

/** Null where Commander said what there is to say: help that was asked for. */
export function usageError(
  { code, message, exitCode }: CommanderError,
  program: Command,
  args: readonly string[],
): CliError | null {
  if (exitCode === 0 || code === "commander.help") return null;
  const verb = verbIn(program, args);
  const said = message.replace(/^error: /, "");
  const [, word = ""] = /^unknown (?:option|command) '(.*)'$/s.exec(said) ?? [];
  const hint =
    code === "commander.unknownOption"
      ? optionHint(word, program, verb, args)
      : code === "commander.unknownCommand"
        ? didYouMean(commandMeant(word, program))
        : "";
  const help = verb ? `instep ${verb.name()} --help` : "instep help";
  const sentence = /[.?]$/.test(said + hint) ? said + hint : `${said}${hint}.`;
  return new CliError(ExitCode.usage, `${sentence}\n  \`${help}\` shows what there is.`);
}

/** `instep help strat` and `instep strat --help`: Commander would show the help of everything, and not say why. */
export function unknownHelp(
  program: Command,
  [first, ...more]: readonly string[],
): CliError | null {
  const word = first === "help" ? more[0] : first;
  const isKnown = word === undefined || word.startsWith("-") || verbIn(program, [word]) !== null;
  if (isKnown || word === "help") return null;
  const hint = didYouMean(commandMeant(word, program));
  return new CliError(
    ExitCode.usage,
    `unknown command '${word}'${hint || "."}\n  \`instep help\` shows what there is.`,
  );
}

const verbIn = (program: Command, args: readonly string[]): Command | null => {
  const names = new Map(program.commands.map((verb) => [verb.name(), verb]));
  return args.map((word) => names.get(word)).find((verb) => verb !== undefined) ?? null;
};

function commandMeant(word: string, program: Command): string | null {
  const names = program.commands.map((verb) => verb.name());
  const other = Object.hasOwn(OTHER_NAMES, word.toLowerCase())
    ? OTHER_NAMES[word.toLowerCase()]!
    : null;
  if (other !== null && names.includes(other)) return other;
  return nearest(word, names) ?? theOnlyLonger(word, names);
}

function optionHint(
  word: string,
  program: Command,
  verb: Command | null,
  args: readonly string[],
): string {
  const [name = word] = word.split("=", 1);
  const own = optionsOf(verb ?? program);
  if (own.includes(name) && verb && args.indexOf(word) < args.indexOf(verb.name()))
    return ` here: it belongs behind ${verb.name()}`;
  if (own.includes(name) && name !== word) return ": it takes no value";
  return didYouMean(optionMeant(name, own));
}

const optionsOf = (command: Command): string[] =>
  [...command.options.flatMap(({ short, long }) => [short, long]), "-h", "--help"].filter(
    (flag) => flag != null,
  );

function optionMeant(name: string, known: readonly string[]): string | null {
  if (!name.startsWith("--") && name.length <= 2) {
    return (
      known.find((flag) => flag.length === 2 && flag.toLowerCase() === name.toLowerCase()) ?? null
    );
  }
  const longs = known.filter((flag) => flag.startsWith("--"));
  const longest = longs
    .filter((flag) => name.startsWith(`${flag}-`))
    .sort((one, other) => other.length - one.length)[0];
  return nearest(name, longs) ?? theOnlyLonger(name, longs) ?? longest ?? null;
}
