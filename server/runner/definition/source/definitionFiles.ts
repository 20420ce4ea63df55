/** Definition files as they lie in a folder: what each one holds or what is wrong with it, and of each name only one. */
import { readdir } from "node:fs/promises";
import { counted } from "../../../../shared/text/counted.js";
import type { DefinitionProblem } from "../../../../shared/wire/rest.js";
import { readText, UnusableFile } from "../../../machine/regularFile.js";
import type { WorkflowDefinition } from "../definition.js";
import { DEFINITION_BYTES, DefinitionError } from "../file/definitionError.js";
import type { LineColumn, PlacedDefinition } from "../file/definitionFile.js";

export type ReadDefinition =
  | PlacedDefinition
  | {
      readonly problems: readonly DefinitionProblem[];
      /** Its name, where that can be told all the same. */
      readonly meant?: string | undefined;
    };

export interface DistinctDefinitions {
  readonly definitions: readonly WorkflowDefinition[];
  readonly problems: readonly DefinitionProblem[];
}

const MOST_FILES = 1_000;
const YAML = /^[^.].*\.ya?ml$/i;
const YAML_ENDING = /\.ya?ml$/i;
/** At the top of a file, as most are written. */
const NAME_LINE = /^name:[ \t]*["']?([A-Za-z0-9_.-]+)/m;

/** The names of those in a folder, in order, and how many there are too many. Rejects with what the system says. */
export async function definitionNames(folder: string): Promise<{ names: string[]; left: number }> {
  const names = (await readdir(folder)).filter((name) => YAML.test(name)).sort();
  return { names: names.slice(0, MOST_FILES), left: Math.max(0, names.length - MOST_FILES) };
}

/** The problem of a folder in which `left` files were not read. */
export const tooManyFiles = (folder: string, left: number): ReadDefinition => ({
  problems: [fileProblem(folder, `has ${counted(left, "file")} too many`)],
});

/** `shown` is how its problems name it. What cannot be read is a problem, too. */
export async function readDefinitionFile(
  path: string,
  shown: string,
  folder: string,
): Promise<ReadDefinition> {
  try {
    return await parsedDefinition(await readText(path, DEFINITION_BYTES), shown, folder);
  } catch (error) {
    return { problems: [unreadable(shown, error)] };
  }
}

/** As `parseDefinition`, with the problems as a value. Whatever reads YAML is loaded with the first of them. */
export async function parsedDefinition(
  source: string,
  shown: string,
  folder: string,
): Promise<ReadDefinition> {
  const { parsePlaced } = await import("../file/definitionFile.js");
  try {
    return parsePlaced(source, shown, folder);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { problems: error.problems, meant: NAME_LINE.exec(source)?.[1] };
  }
}

/** The first of several with one name counts; those `known` come before all. */
export function distinctDefinitions(
  reads: Iterable<readonly [file: string, read: ReadDefinition]>,
  known: readonly WorkflowDefinition[] = [],
): DistinctDefinitions {
  const byName = new Map(known.map((one) => [one.name, one]));
  const problems: DefinitionProblem[] = [];
  for (const [file, read] of reads) {
    if ("problems" in read) {
      problems.push(...read.problems);
      continue;
    }
    const { name } = read.definition;
    const first = byName.get(name);
    if (!first) byName.set(name, read.definition);
    else {
      const message = `"${name}" is the name of ${first.file ?? "another"} already`;
      problems.push(fileProblem(file, message, { ...read.nameAt, field: "name" }));
    }
  }
  return { definitions: [...byName.values()], problems };
}

/** With the examples behind the operator's own: those whose names are free, also of what the operator has and cannot be used as it is. */
export function withExamples(
  own: DistinctDefinitions,
  reads: Iterable<readonly [file: string, read: ReadDefinition]>,
  exampleReads: Iterable<readonly [file: string, read: ReadDefinition]>,
): DistinctDefinitions {
  const taken = new Set(own.definitions.map(({ name }) => name));
  for (const [file, read] of reads) {
    if (!("problems" in read)) continue;
    taken.add(file.replace(YAML_ENDING, ""));
    if (read.meant !== undefined) taken.add(read.meant);
  }
  const examples = distinctDefinitions(exampleReads);
  const free = examples.definitions.filter(({ name }) => !taken.has(name));
  return {
    definitions: [...own.definitions, ...free.map((one) => ({ ...one, isExample: true }))],
    problems: [...own.problems, ...examples.problems],
  };
}

/** Throws what is neither the file's fault nor the system's. */
export function unreadable(file: string, error: unknown): DefinitionProblem {
  if (error instanceof UnusableFile) return fileProblem(file, error.message);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return fileProblem(file, `cannot be read (${code})`);
}

/** A problem of a whole file, or of the place in it that is given. */
export const fileProblem = (
  file: string,
  message: string,
  at: Partial<LineColumn> & { readonly field?: string } = {},
): DefinitionProblem => ({ file, line: null, column: null, field: null, ...at, message });
