/** `instep new`: a recipe to begin with, where the server looks for them. */
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { printable } from "../../../shared/text/printable.js";
import { makeFolders } from "../../machine/makeFolders.js";
import { errorCode } from "../../machine/systemErrors.js";
import { systemFiles } from "../../machine/systemFiles.js";
import {
  definitionNames,
  type ReadDefinition,
  readDefinitionFile,
} from "../../runner/definition/source/definitionFiles.js";
import { readSetting } from "../../settings/resolveSettings.js";
import { givenTo } from "../connecting/whichServer.js";
import { commandLine, fileAsTyped } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { ofPackage } from "../process/packageFiles.js";
import { jsonLine } from "../text/jsonLine.js";
import { schemaLine } from "./schemaLine.js";
import { renamed, smallRecipe } from "./text.js";

export interface NewFlags {
  readonly workflows?: string;
  readonly example?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const FIRST_NAME = "hello";
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Writes over nothing, unless `force` says so. Throws CliError where it cannot write, or the name cannot be used. */
export async function createRecipe(
  given: string | undefined,
  flags: NewFlags,
  context: CliContext,
): Promise<number> {
  const name = nameOf(given ?? FIRST_NAME);
  const folder = readSetting("workflows", givenTo({ workflows: flags.workflows }, context));
  const file = path.join(folder, `${name}.yaml`);
  const shown = fileAsTyped(file, context);
  await refuseTaken(name, folder, file);
  const text = flags.example
    ? await exampleText(flags.example, name)
    : smallRecipe(name, schemaLine(folder, context.cwd));
  await written(fileAsTyped(folder, context), "is no folder", () =>
    makeFolders(systemFiles, folder),
  );
  const isThere = "is there already; --force writes over it";
  await written(shown, isThere, () => writeFile(file, text, { flag: flags.force ? "w" : "wx" }));
  if (flags.example) await copyBeside(flags.example, folder);
  context.stdout.write(
    flags.json ? jsonLine({ file, name }) : `${wordsOf(name, shown, context).join("\n")}\n`,
  );
  return ExitCode.ok;
}

/** `deploy`, also where the file was named. */
function nameOf(given: string): string {
  const name = given.replace(/\.ya?ml$/i, "");
  if (NAME.test(name)) return name;
  const why = given.includes("/")
    ? "is a name, not a path: --workflows names the folder"
    : "must begin with a letter or a digit, and have only letters, digits, -, _ and . in it, at most 100";
  throw new CliError(ExitCode.usage, `${printable(given, 200)}: the name of a recipe ${why}`);
}

/** A server takes only one recipe of each name. */
async function refuseTaken(name: string, folder: string, file: string): Promise<void> {
  const { names } = await definitionNames(folder).catch(() => ({ names: [] }));
  for (const one of names) {
    const other = path.join(folder, one);
    if (other === file || nameIn(await readDefinitionFile(other, one, folder)) !== name) continue;
    throw new CliError(
      ExitCode.usage,
      `${printable(name)} is the name of ${printable(other, 400)} already; choose another one`,
    );
  }
}

const nameIn = (read: ReadDefinition): string | undefined =>
  "definition" in read ? read.definition.name : read.meant;

async function exampleText(example: string, name: string): Promise<string> {
  const file = ofPackage(path.join("examples", `${example}.yaml`));
  if (file === null) throw new CliError(ExitCode.failed, "this package came without its examples");
  return renamed(await readFile(file, "utf8"), name);
}

/** Copies the files that an example keeps in a folder of its name; files that are there already stay. */
async function copyBeside(example: string, folder: string): Promise<void> {
  const own = ofPackage(path.join("examples", example));
  if (own) await cp(own, path.join(folder, example), { recursive: true, force: false });
}

/** `taken` says what it is where something is in its place. */
async function written(shown: string, taken: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    const file = printable(shown, 400);
    throw code === "EEXIST"
      ? new CliError(ExitCode.usage, `${file} ${taken}`)
      : new CliError(ExitCode.failed, `${file} cannot be written (${code})`);
  }
}

function wordsOf(name: string, shown: string, context: CliContext): readonly string[] {
  const say = (...words: string[]) => `  ${commandLine(context, ...words)}`;
  const lines = [
    [say("check", shown), "whether it can be used"],
    [say("run", shown), "run it here, without a server"],
    [say("serve"), "a page with a form for it"],
    [say("start", name, "--follow"), "start it on that server"],
  ] as const;
  const width = Math.max(...lines.map(([line]) => line.length)) + 3;
  return [
    `Wrote ${printable(shown, 400)}. Then:`,
    "",
    ...lines.map(([line, about]) => `${line.padEnd(width)}${about}`),
  ];
}
