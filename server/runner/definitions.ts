/** What can be started: definitions from a folder of files, read again when they change, and those given in code. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { counted } from "../../shared/counted.js";
import type { DefinitionProblem, DefinitionsAnswer } from "../../shared/rest.js";
import type { Log } from "../log.js";
import { viewOf, type WorkflowDefinition } from "./definition.js";
import { DEFINITION_BYTES, DefinitionError, parseDefinition } from "./definitionFile.js";
import { readText, sealOf, UnusableFile } from "./regularFile.js";

export interface DefinitionsOptions {
  /** Of the operator; null where there is none. */
  readonly folder: string | null;
  /** What is offered as long as the operator has none. */
  readonly examples: string | null;
  readonly inCode: readonly WorkflowDefinition[];
}

type Read =
  | { readonly definition: WorkflowDefinition }
  | { readonly problems: readonly DefinitionProblem[] };

interface All {
  readonly definitions: readonly WorkflowDefinition[];
  readonly problems: readonly DefinitionProblem[];
}

interface Known {
  /** With another one the file is read again. */
  readonly seal: string;
  readonly read: Read;
}

const MOST_FILES = 1_000;
/** Of the problems in one answer, as JSON. */
const MOST_PROBLEM_BYTES = 60 * 1024;
const YAML = /^[^.].*\.ya?ml$/i;

export class Definitions {
  readonly #options: DefinitionsOptions;
  readonly #known = new Map<string, Known>();
  #reading: Promise<All> | null = null;
  /** Begins when the one under way is over. */
  #nextReading: Promise<All> | null = null;

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  /** As the files are now. Null where there is none of that name. */
  async find(name: string): Promise<WorkflowDefinition | null> {
    const { definitions } = await this.#all();
    return definitions.find((definition) => definition.name === name) ?? null;
  }

  /** Those given in code, as they were given. */
  inCode(name: string): WorkflowDefinition | null {
    return this.#options.inCode.find((definition) => definition.name === name) ?? null;
  }

  async list(): Promise<Omit<DefinitionsAnswer, "success">> {
    const { definitions, problems } = await this.#all();
    return { definitions: definitions.map(viewOf), problems };
  }

  /** For those who start the server: a file that cannot be used must not be noticed only when it is missed. */
  async warnOfProblems(log: Pick<Log, "warn">): Promise<void> {
    const { problems } = await this.#all();
    for (const { message, ...place } of problems) log.warn(place, `not a definition: ${message}`);
  }

  /** One reading at a time, and one more for all who came too late for it. */
  #all(): Promise<All> {
    if (!this.#reading) {
      this.#reading = this.#readAll().finally(() => {
        this.#reading = null;
      });
      return this.#reading;
    }
    const readAgain = () => {
      this.#nextReading = null;
      return this.#all();
    };
    this.#nextReading ??= this.#reading.then(readAgain, readAgain);
    return this.#nextReading;
  }

  async #readAll(): Promise<All> {
    const byName = new Map(this.#options.inCode.map((one) => [one.name, one]));
    const problems: DefinitionProblem[] = [];
    for (const [file, read] of await this.#readFiles()) {
      if ("problems" in read) {
        problems.push(...read.problems);
        continue;
      }
      const { name } = read.definition;
      const first = byName.get(name);
      if (!first) byName.set(name, read.definition);
      else
        problems.push(
          problem(file, `"${name}" is the name of ${first.file ?? "another"} already`, "name"),
        );
    }
    return { definitions: [...byName.values()], problems: fitting(problems) };
  }

  async #readFiles(): Promise<[string, Read][]> {
    const { folder, examples } = this.#options;
    const own = folder === null ? [] : await this.#readFolder(folder);
    return own.length > 0 || examples === null ? own : this.#readFolder(examples);
  }

  async #readFolder(folder: string): Promise<[string, Read][]> {
    let names: string[];
    try {
      names = (await readdir(folder)).filter((name) => YAML.test(name)).sort();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Where examples stand in for it, it may come later.
      if (code === "ENOENT" && this.#options.examples !== null) return [];
      return [[folder, { problems: [problem(folder, `cannot be read (${code})`)] }]];
    }
    const left = names.length - MOST_FILES;
    const reads: [string, Read][] = [];
    const files = new Set<string>();
    for (const name of names.slice(0, MOST_FILES)) {
      files.add(path.join(folder, name));
      reads.push([name, await this.#readFile(folder, name)]);
    }
    for (const file of this.#known.keys()) {
      if (path.dirname(file) === path.join(folder) && !files.has(file)) this.#known.delete(file);
    }
    if (left > 0) {
      reads.push([
        folder,
        { problems: [problem(folder, `has ${counted(left, "file")} too many`)] },
      ]);
    }
    return reads;
  }

  async #readFile(folder: string, name: string): Promise<Read> {
    const file = path.join(folder, name);
    try {
      const seal = await sealOf(file);
      const known = this.#known.get(file);
      if (known?.seal === seal) return known.read;
      const read = parsed(await readText(file, DEFINITION_BYTES), name, folder);
      this.#known.set(file, { seal, read });
      return read;
    } catch (error) {
      if (error instanceof UnusableFile) return { problems: [problem(name, error.message)] };
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return { problems: [problem(name, `cannot be read (${code})`)] };
    }
  }
}

function parsed(source: string, name: string, folder: string): Read {
  try {
    return { definition: parseDefinition(source, name, folder) };
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: error.problems };
    throw error;
  }
}

/** As many as an answer may carry; the others are counted. */
function fitting(problems: readonly DefinitionProblem[]): readonly DefinitionProblem[] {
  let bytes = 0;
  for (const [index, one] of problems.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    if (bytes <= MOST_PROBLEM_BYTES) continue;
    return [
      ...problems.slice(0, index),
      problem(
        one.file,
        `and ${counted(problems.length - index, "more problem")}, also of other files`,
      ),
    ];
  }
  return problems;
}

const problem = (
  file: string,
  message: string,
  field: string | null = null,
): DefinitionProblem => ({
  file,
  line: null,
  column: null,
  field,
  message,
});
