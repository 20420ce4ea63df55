/** Values for typed fields, as people give them: `key=value`, a line of a pipe for a secret, or asked for in a terminal. */
import { fieldSentence } from "../../../shared/fields/fieldSentences.js";
import {
  type Field,
  type Fields,
  type FieldValue,
  type FieldValues,
  givenFields,
  isFromServer,
  isSecret,
  leftOutOf,
  valueOfText,
} from "../../../shared/fields/fields.js";
import { hint, orMeant } from "../../../shared/text/nearest.js";
import { printable } from "../../../shared/text/printable.js";
import { SettingError } from "../../settings/settingError.js";
import type { CliContext, LineOptions } from "../process/context.js";
import { jsonLine } from "../text/jsonLine.js";

/** `key=value`, several times, typed as the field asks; the server refuses what it does not know. */
export function parsePairs(
  pairs: readonly string[],
  fields: Fields,
  source: string,
): Record<string, FieldValue> {
  // From entries: an assignment to __proto__ would be lost without a word.
  const values: [string, FieldValue][] = [];
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new SettingError(whyNoPair(pair, fields, source));
    const name = pair.slice(0, at);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const text = pair.slice(at + 1);
    values.push([name, field ? valueOfText(field, text) : text]);
  }
  return Object.fromEntries(values);
}

function whyNoPair(pair: string, fields: Fields, source: string): string {
  const [is, given] = source.startsWith("--") ? [`${source}: `, `${source} `] : [`${source}: `, ""];
  if (Object.hasOwn(fields, pair)) return `${is}${pair} has no value; give it as ${given}${pair}=…`;
  return `${is}must be key=value, not "${pair}"${orMeant(pair, Object.keys(fields))}`;
}

export interface InputFlags {
  readonly input?: readonly string[];
  readonly secret?: readonly string[];
  readonly json?: boolean;
}

/** A definition's inputs out of flags; where somebody sits in front of it, they are asked for what is missing. */
export async function readInputs(
  fields: Fields,
  { input = [], secret = [], json = false }: InputFlags,
  context: CliContext,
): Promise<FieldValues> {
  for (const name of secret) {
    // Before it is asked for: nobody types a secret for nothing.
    if (Object.keys(fields).length > 0 && !Object.hasOwn(fields, name))
      throw new SettingError(
        `--secret ${name} is not asked for; ${hint(name, Object.keys(fields), "known are")}`,
      );
    if (isFromServer(fields[name]))
      throw new SettingError(`--secret ${name} is taken from the server and cannot be given`);
  }
  const given = {
    ...parsePairs(input, fields, "--input"),
    ...(await readSecrets(secret, context)),
  };
  sayLeftOut(fields, given, json, context);
  if (!context.input.isTTY) return given;
  return (await askFor(fields, given, context, ({ required }) => required === true)) ?? given;
}

/** From lines of standard input, in the order they are named: so that they stand in no list of processes. */
async function readSecrets(
  names: readonly string[],
  { input }: CliContext,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const line = await input.line(`${name}: `, { isHidden: true });
    if (line === null)
      throw new SettingError(`--secret ${name}: standard input has no line for it`);
    values[name] = line;
  }
  return values;
}

/** Asks for what is missing, and again for what does not fit. Null where the terminal was closed. */
export async function askFor(
  fields: Fields,
  given: FieldValues,
  context: CliContext,
  isWanted: (field: Field) => boolean,
  { signal, isFresh = false }: Pick<LineOptions, "signal" | "isFresh"> = {},
): Promise<FieldValues | null> {
  const { checkGiven } = await import("../../fields/givenValues.js");
  const values: Record<string, FieldValue> = { ...given };
  let isFirst = true;
  for (const [name, field] of Object.entries(givenFields(fields))) {
    if (Object.hasOwn(values, name) || !isWanted(field)) continue;
    for (;;) {
      const line = await context.input.line(promptOf(name, field), {
        isHidden: isSecret(field),
        isFresh: isFresh && isFirst,
        signal,
      });
      isFirst = false;
      if (line === null) return null;
      const value = line === "" ? undefined : valueOfText(field, line);
      const checked = checkGiven({ [name]: field }, value === undefined ? {} : { [name]: value });
      if (checked.ok) {
        Object.assign(values, checked.values, value === undefined ? {} : { [name]: value });
        sayLeftOut({ [name]: field }, values, false, context);
        break;
      }
      const said = checked.problems.map(({ message }) => fieldSentence(field, name, message));
      context.stderr.write(`${said.map((one) => printable(one, 400)).join(" ")}\n`);
    }
  }
  return values;
}

/** Says what of these values is not used. */
export function sayLeftOut(
  fields: Fields,
  given: FieldValues,
  isJson: boolean,
  { stderr }: CliContext,
): void {
  const wanted = Object.fromEntries(
    Object.entries(fields).filter(([name]) => Object.hasOwn(given, name)),
  );
  for (const { path, message } of leftOutOf(wanted, given)) {
    const said = fieldSentence(fields[path], path, message);
    stderr.write(isJson ? jsonLine({ note: { message: said } }) : `${printable(said, 800)}\n`);
  }
}

/** As `askFor`; a question without fields wants to be confirmed, and by nobody it is not. */
export async function askToAnswer(
  fields: Fields,
  given: FieldValues,
  context: CliContext,
  options: Pick<LineOptions, "signal" | "isFresh"> = {},
): Promise<FieldValues | null> {
  if (Object.keys(fields).length > 0) return askFor(fields, given, context, () => true, options);
  const line = await context.input.line("Enter to go on, Ctrl-C to stop: ", options);
  return line === null ? null : given;
}

function promptOf(name: string, field: Field): string {
  const kinds = {
    string: "",
    number: "a number",
    boolean: "yes or no",
    choice: field.type === "choice" ? field.options.join(", ") : "",
    secret: "not shown",
    ssh: "ssh -p 22 user@host",
  };
  const usual =
    "default" in field && field.default !== undefined ? `Enter for ${field.default}` : "";
  const hints = [kinds[field.type], usual].filter((hint) => hint !== "").join("; ");
  const title = printable(field.title ?? name, 200);
  return `${title}${hints === "" ? "" : ` (${printable(hints, 400)})`}: `;
}
