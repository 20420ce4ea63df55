/** `instep check`: whether recipes can be used, without a server, in the words and with the exit codes that editors and CI know. */

import { stat } from "node:fs/promises";
import path from "node:path";
import { counted } from "../../../shared/text/counted.js";
import { printable } from "../../../shared/text/printable.js";
import type { DefinitionProblem } from "../../../shared/wire/rest.js";
import { UnusableFile } from "../../machine/regularFile.js";
import { problemText } from "../../runner/definition/problemText.js";
import {
  definitionNames,
  distinctDefinitions,
  fileProblem,
  parsedDefinition,
  type ReadDefinition,
  readDefinitionFile,
  tooManyFiles,
} from "../../runner/definition/source/definitionFiles.js";
import { CONFIG_NAMES } from "../config/findConfig.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { jsonLine } from "../text/jsonLine.js";
import { readDefinitionText, STDIN, whyUnreadable } from "./definitionSource.js";

export interface CheckFlags {
  readonly json?: boolean;
}

/** One file: as it is named to people, and in which folder it counts. */
interface Checked {
  readonly shown: string;
  readonly folder: string;
  readonly read: ReadDefinition;
}

const LONGEST_LINE = 1_000;

/** Exit code 0 where all of them can be used, 1 where one cannot, 2 where one could not be looked at: for programs a CliError says which. */
export async function check(
  named: readonly string[],
  flags: CheckFlags,
  context: CliContext,
): Promise<number> {
  const checked = new Map<string, Checked>();
  const missing: string[] = [];
  for (const name of named) {
    try {
      for (const [file, one] of await look(name, context)) checked.set(file, one);
    } catch (error) {
      const why = `${printable(name, 400)}: ${whyUnreadable(error)}`;
      missing.push(why);
      if (!flags.json) context.stderr.write(`instep: ${why}\n`);
    }
  }
  const problems = problemsOf([...checked.values()]);
  let warned = 0;
  for (const { shown, read } of checked.values()) {
    const own = problems.filter(({ file }) => file === shown);
    const warnings = "warnings" in read ? read.warnings : [];
    warned += warnings.length;
    const lines = flags.json
      ? [jsonLine(jsonOf(shown, read, own, warnings))]
      : [...own, ...warnings.map(warning)].map((one) => `${lineOf(one)}\n`);
    for (const line of lines) context.stdout.write(line);
  }
  if (!flags.json) tell(checked.size, problems.length, warned, context);
  if (missing.length > 0) {
    if (flags.json) throw new CliError(ExitCode.usage, missing.join("\n  "));
    return ExitCode.usage;
  }
  return problems.length === 0 ? ExitCode.ok : ExitCode.failed;
}

/** By their absolute paths, so that nothing is checked twice. Rejects where it cannot be looked at. */
async function look(name: string, { cwd, clock }: CliContext): Promise<[string, Checked][]> {
  if (name === STDIN) {
    const read = await parsedDefinition(await readDefinitionText(STDIN, clock), "<stdin>", cwd);
    return [[STDIN, { shown: "<stdin>", folder: STDIN, read }]];
  }
  const file = path.resolve(cwd, name);
  if ((await stat(file)).isDirectory()) return lookIn(file, name, file === cwd);
  const folder = path.dirname(file);
  const source = await readDefinitionText(file, clock).catch((error: unknown) => {
    if (error instanceof UnusableFile) return { problems: [fileProblem(name, error.message)] };
    throw error;
  });
  const read = typeof source === "string" ? await parsedDefinition(source, name, folder) : source;
  return [[file, { shown: name, folder, read }]];
}

/** As the server reads a folder. The settings of commands that are called `isHere` are no recipe. */
async function lookIn(
  folder: string,
  shownFolder: string,
  isHere: boolean,
): Promise<[string, Checked][]> {
  const { names: all, left } = await definitionNames(folder);
  const names = all.filter((name) => !(isHere && CONFIG_NAMES.some((one) => one === name)));
  if (names.length === 0) throw new UnusableFile("there is no recipe (*.yaml) in this folder");
  const found: [string, Checked][] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const shown = path.join(shownFolder, name);
    found.push([file, { shown, folder, read: await readDefinitionFile(file, shown, folder) }]);
  }
  if (left === 0) return found;
  const read = tooManyFiles(shownFolder, left);
  return [...found, [folder, { shown: shownFolder, folder, read }]];
}

/** A name has to be the only one in its folder: a server reads no more than one. */
function problemsOf(checked: readonly Checked[]): readonly DefinitionProblem[] {
  const folders = new Set(checked.map(({ folder }) => folder));
  return [...folders].flatMap((folder) => {
    const inside = checked.filter((one) => one.folder === folder);
    return distinctDefinitions(inside.map(({ shown, read }) => [shown, read])).problems;
  });
}

/** `file:line:column: message`, the form of GNU's tools; where no place is known the file's beginning is. */
function lineOf(problem: DefinitionProblem): string {
  const { line, column } = problem;
  return printable(problemText({ ...problem, line: line ?? 1, column: column ?? 1 }), LONGEST_LINE);
}

const warning = (one: DefinitionProblem): DefinitionProblem => ({
  ...one,
  where: `warning: ${one.where ?? one.field}`,
});

function jsonOf(
  shown: string,
  read: ReadDefinition,
  problems: readonly DefinitionProblem[],
  warnings: readonly DefinitionProblem[],
) {
  const placed = ({ file: _file, ...problem }: DefinitionProblem) => problem;
  return {
    file: shown,
    ok: problems.length === 0,
    name: "definition" in read ? read.definition.name : null,
    problems: problems.map(placed),
    warnings: warnings.map(placed),
  };
}

/** Nothing for the eye of a program: what is wrong was said line by line. */
function tell(files: number, wrong: number, warned: number, { stdout, stderr }: CliContext): void {
  if (files === 0) return;
  const said = [
    ...(wrong === 0 ? [] : [counted(wrong, "problem")]),
    ...(warned === 0 ? [] : [counted(warned, "warning")]),
  ];
  const line = [counted(files, "recipe"), ...(said.length === 0 ? ["nothing wrong"] : said)];
  (wrong === 0 ? stdout : stderr).write(`${line.join(", ")}.\n`);
}
