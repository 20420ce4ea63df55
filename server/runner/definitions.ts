/** What can be started: definitions from a folder of files, read again when they change, and those given in code. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { DefinitionProblem, DefinitionsAnswer } from "../../shared/rest.js";
import type { Log } from "../log.js";
import { viewOf, type WorkflowDefinition } from "./definition.js";
import { DefinitionError, parseDefinition } from "./definitionFile.js";

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

interface Known {
  /** Size, time and number of the file: another one of these, and it is read again. */
  readonly seal: string;
  readonly read: Read;
}

const MOST_FILES = 1_000;
const MOST_BYTES = 1024 * 1024;
const YAML = /^[^.].*\.ya?ml$/i;

export class Definitions {
  readonly #options: DefinitionsOptions;
  readonly #known = new Map<string, Known>();

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

  async #all(): Promise<{ definitions: WorkflowDefinition[]; problems: DefinitionProblem[] }> {
    const definitions = [...this.#options.inCode];
    const problems: DefinitionProblem[] = [];
    for (const [file, read] of await this.#readFiles()) {
      if ("problems" in read) {
        problems.push(...read.problems);
        continue;
      }
      const { name } = read.definition;
      const first = definitions.find((definition) => definition.name === name);
      if (!first) definitions.push(read.definition);
      else
        problems.push(
          problem(file, `"${name}" is the name of ${first.file ?? "another"} already`, "name"),
        );
    }
    return { definitions, problems };
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
    for (const name of names.slice(0, MOST_FILES)) {
      reads.push([name, await this.#readFile(folder, name)]);
    }
    if (left > 0) {
      reads.push([folder, { problems: [problem(folder, `has ${left} files too many`)] }]);
    }
    return reads;
  }

  async #readFile(folder: string, name: string): Promise<Read> {
    const file = path.join(folder, name);
    try {
      const { size, mtimeMs, ino } = await stat(file);
      const seal = `${size}/${mtimeMs}/${ino}`;
      const known = this.#known.get(file);
      if (known?.seal === seal) return known.read;
      const read = size > MOST_BYTES ? tooLarge(name) : parsed(await readFile(file), name, folder);
      this.#known.set(file, { seal, read });
      return read;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return { problems: [problem(name, `cannot be read (${code})`)] };
    }
  }
}

function parsed(bytes: Buffer, name: string, folder: string): Read {
  try {
    return { definition: parseDefinition(bytes.toString("utf8"), name, folder) };
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: error.problems };
    throw error;
  }
}

const tooLarge = (name: string): Read => ({
  problems: [problem(name, `is larger than ${MOST_BYTES} bytes`)],
});

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
