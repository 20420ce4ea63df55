/** The command `instep __complete`, which the shell's own function calls: it prints a line on how to take the rest, then one candidate a line, and nothing else, whatever goes wrong. */
import type { Command } from "commander";
import { printable } from "../../../shared/text/printable.js";
import { readConfig } from "../config/findConfig.js";
import type { CliContext } from "../process/context.js";
import { type BashLine, bashWord, splitBash } from "./bashLine.js";
import { DEADLINE_MS } from "./deadline.js";
import { type Candidate, type Offer, offerAt } from "./offers.js";
import { type Position, positionIn } from "./position.js";
import { isShell } from "./shells.js";

const MOST = 200;
const MOST_CHARACTERS = 200;
const MOST_ABOUT = 70;

/**
 * `args` begin with the shell. Of bash the characters that end a word follow, and the line up to the cursor; of the others the words
 * behind the program's name, the last one being typed.
 */
export async function complete(
  [shell, ...rest]: readonly string[],
  program: Command,
  context: CliContext,
): Promise<void> {
  if (!isShell(shell)) return;
  const line = shell === "bash" ? splitBash(rest[1] ?? "", rest[0] ?? "") : null;
  const position = positionIn(program, line ? line.words.slice(1) : rest);
  const offer = await inTime(offered(position, program, context), context);
  const fitting = offer.candidates
    .filter((candidate) => isFit(candidate, position))
    .map(({ value, about }) => ({ value: `${position.prefix}${value}`, about }));
  const modes = [
    offer.and ?? "words",
    ...(fitting.some(({ value }) => value.endsWith("=")) ? ["nospace"] : []),
  ];
  const lines = fitting.slice(0, MOST).map((candidate) => written(candidate, line));
  const said = [modes.join(" "), ...lines.filter((one) => one !== null)];
  context.stdout.write(said.map((one) => `${one}\n`).join(""));
}

async function offered(position: Position, program: Command, context: CliContext): Promise<Offer> {
  try {
    const config = await configFor(position, context);
    return await offerAt(position, program, { ...context, config });
  } catch {
    // A server that is away, a file that is broken: whoever types is told so by the command itself.
    return { candidates: [] };
  }
}

function configFor({ values, given }: Position, context: CliContext) {
  const named = given.has("--no-config") ? false : values.get("--config")?.at(-1);
  return readConfig({ config: named }, context);
}

async function inTime(offer: Promise<Offer>, { clock }: CliContext): Promise<Offer> {
  let cancel = () => {};
  const late = new Promise<Offer>((resolve) => {
    cancel = clock.after(DEADLINE_MS, () => resolve({ candidates: [] }));
  });
  try {
    return await Promise.race([offer, late]);
  } finally {
    cancel();
  }
}

/**
 * A candidate that would have to be changed to be shown is not offered: it would be another word. Nor is a name that would be taken for an option:
 * a server could have one typed.
 */
function isFit({ value }: Candidate, { at, text }: Position): boolean {
  if (typeof value !== "string" || !value.startsWith(text)) return false;
  if (value.length > MOST_CHARACTERS || printable(value, MOST_CHARACTERS) !== value) return false;
  return at === "option" || !value.startsWith("-");
}

function written({ value, about }: Candidate, line: BashLine | null): string | null {
  if (line) return bashWord(value, line);
  const said = typeof about === "string" ? printable(about, MOST_ABOUT).trim() : "";
  return said === "" ? value : `${value}\t${said}`;
}
