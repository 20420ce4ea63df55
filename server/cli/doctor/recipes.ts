/** Reads the recipes of a folder for `instep doctor`: what is wrong in them, and which of them need ssh. */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";
import { counted } from "../../../shared/text/counted.js";
import { printable } from "../../../shared/text/printable.js";
import { errorCode } from "../../machine/systemErrors.js";
import type { DefinedStep } from "../../runner/definition/definition.js";
import { problemText } from "../../runner/definition/problemText.js";
import {
  definitionNames,
  distinctDefinitions,
  type ReadDefinition,
  readDefinitionFile,
  tooManyFiles,
} from "../../runner/definition/source/definitionFiles.js";
import { type Finding, fine, warning, wrong } from "./finding.js";

/** More are counted only. */
const MOST_SHOWN = 10;
const CHECK = "definitions";

/** The findings, and the names of the recipes that run commands on other machines. */
export interface RecipesSeen {
  readonly findings: readonly Finding[];
  readonly overSsh: readonly string[];
}

/** `folder` is absolute. Never rejects for what the disk says. */
export async function seeRecipes(folder: string): Promise<RecipesSeen> {
  let listed: Awaited<ReturnType<typeof definitionNames>>;
  try {
    listed = await definitionNames(folder);
  } catch (error) {
    return { findings: [noFolder(folder, errorCode(error))], overSsh: [] };
  }
  const reads: [string, ReadDefinition][] = [];
  for (const name of listed.names) {
    const file = path.join(folder, name);
    reads.push([file, await readDefinitionFile(file, file, folder)]);
  }
  if (listed.left > 0) reads.push([folder, tooManyFiles(folder, listed.left)]);
  const { definitions, problems } = distinctDefinitions(reads);
  const warned = reads.flatMap(([, read]) => ("warnings" in read ? read.warnings : []));
  const overSsh = definitions.filter(({ steps }) => steps.some(isFar)).map(({ name }) => name);
  const shown = [
    ...problems.map((one) =>
      wrong(CHECK, line(problemText(one)), "Mend it; `instep check` tells more."),
    ),
    ...warned.map((one) =>
      warning(CHECK, line(problemText(one)), "Look at it; it works as it is."),
    ),
  ];
  if (shown.length === 0)
    return {
      findings: [
        fine(CHECK, `${counted(definitions.length, "recipe")} in ${folder}, nothing wrong.`),
      ],
      overSsh,
    };
  const left = shown.length - MOST_SHOWN;
  const more = problems.length > MOST_SHOWN ? wrong : warning;
  const rest = more(
    CHECK,
    `${counted(left, "finding")} more in ${folder}.`,
    "`instep check` lists all.",
  );
  return { findings: [...shown.slice(0, MOST_SHOWN), ...(left > 0 ? [rest] : [])], overSsh };
}

/** Where a program is found; null for nowhere. `search`: the variable PATH. */
export async function onPath(program: string, search: string | undefined): Promise<string | null> {
  for (const folder of (search ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, program);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}

const isFar = ({ on, parallel = [] }: DefinedStep): boolean =>
  on !== undefined || parallel.some(isFar);

const line = (text: string): string => printable(text, 1_000);

function noFolder(folder: string, code: string | undefined): Finding {
  if (code === "ENOENT")
    return fine(CHECK, `There is no folder ${folder}, so no recipes of yours are offered.`);
  const why = code === "ENOTDIR" ? "is no folder" : `cannot be read (${code})`;
  return wrong(CHECK, `${folder} ${why}.`, "Name the folder of the recipes with --workflows.");
}
