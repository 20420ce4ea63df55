/** The first words of `instep serve`: where everything is, and what to try. */

import { counted } from "../../../shared/text/counted.js";
import { printable } from "../../../shared/text/printable.js";
import { shellWord } from "../../../shared/text/shellWord.js";
import type { DefinitionsAnswer } from "../../../shared/wire/rest.js";
import { problemText } from "../../runner/definition/problemText.js";
import type { ServeSettings } from "../../settings/config.js";
import { serverToName } from "../connecting/nameToOthers.js";
import { calledAs, commandLine, fileAsTyped } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { examplesDir, firstExample } from "../process/packageFiles.js";

/** More of them are counted. */
const MOST_NAMES = 5;
const MOST_PROBLEMS = 10;
const LABEL = 11;

export interface Greeted {
  /** Where it listens, as an address to go to. */
  readonly url: string;
  readonly settings: Pick<ServeSettings, "dataDir" | "tokenFile" | "workflowsDir">;
  readonly defined: Pick<DefinitionsAnswer, "definitions" | "problems">;
}

/** The lines that a person needs next, and nothing else: each command works as it stands, in the shell that started this. */
export function greeting({ url, settings, defined }: Greeted, context: CliContext): string {
  const { dataDir, tokenFile } = settings;
  const example = firstExample();
  const runLine = (file: string) =>
    commandLine(context, "run", fileAsTyped(file, context), "--server", url);
  const rows = [
    ...row("Page", `${url}/`),
    ...row("Data", dataDir),
    ...definitionRows(url, settings.workflowsDir, defined, context),
    ...row("Settings", context.config?.path),
    ...row("Token", tokenFile === null ? undefined : tokenLine(tokenFile)),
    ...row("Try it", curlLine(url, tokenFile !== null)),
    ...row("Example", example === null ? undefined : runLine(example)),
  ];
  const shown = rows.map(([name, text]) => `  ${name.padEnd(LABEL)}  ${text}\n`);
  return `Instep is running. Ctrl-C stops it.\n\n${shown.join("")}\n`;
}

const row = (name: string, text: string | undefined): [string, string][] =>
  text === undefined ? [] : [[name, text]];

function definitionRows(
  url: string,
  folder: string,
  { definitions, problems }: Greeted["defined"],
  context: CliContext,
): [string, string][] {
  const own = definitions.filter(({ example }) => !example).map(({ name }) => name);
  const examples = definitions.filter(({ example }) => example).map(({ name }) => name);
  const lines: string[] = [];
  if (own.length > 0) lines.push(`${folder}: ${listed(own)}`);
  else if (examples.length > 0) lines.push(`${examplesDir()}: ${listed(examples)}, as examples`);
  if (own.length === 0)
    lines.push(`${examples.length > 0 ? "yours" : "YAML files"} go into ${folder}`);
  else if (examples.length > 0) lines.push(`and the examples: ${listed(examples)}`);
  if (problems.length > 0) {
    const server = serverToName(url, context);
    const more = `${calledAs(context)} definitions${server === null ? "" : ` --server ${shellWord(server)}`}`;
    lines.push("these cannot be used:", ...problemLines(problems, more).map((line) => `  ${line}`));
  }
  return lines.map((line, index) => [index === 0 ? "Definitions" : "", line]);
}

function problemLines(problems: DefinitionsAnswer["problems"], more: string): string[] {
  const lines = problems.slice(0, MOST_PROBLEMS).map((one) => printable(problemText(one), 300));
  const left = problems.length - lines.length;
  return left > 0
    ? [...lines, `and ${counted(left, "more problem")}; all of them: ${more}`]
    : lines;
}

function listed(names: readonly string[]): string {
  const left = names.length - MOST_NAMES;
  const first = names.slice(0, MOST_NAMES).map((name) => printable(name, 60));
  return left > 0 ? `${first.join(", ")} and ${left} more` : first.join(", ");
}

/** Plain JSON without quotes inside, so that single quotes hold it in every shell. */
const SAMPLE = JSON.stringify({
  title: "Hello",
  steps: [{ action: "greet", status: "in_progress" }, { action: "leave" }],
});

function curlLine(url: string, hasTokens: boolean): string {
  const token = hasTokens ? ' -H "Authorization: Bearer $INSTEP_TOKEN"' : "";
  return `curl -X POST ${shellWord(`${url}/workflow/state`)} -H 'Content-Type: application/json'${token} -d '${SAMPLE}'`;
}

/** Puts the first token that may drive where the lines below it find one. */
const tokenLine = (file: string): string =>
  `export INSTEP_TOKEN="$(sed -n 's/^[[:space:]]*drive[[:space:]]*\\([^[:space:]]*\\).*/\\1/p' ${shellWord(file)} | head -n 1)"`;
