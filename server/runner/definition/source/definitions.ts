/** The definitions that can be started: from a folder of files, read again when they change, and those given in code. */
import path from "node:path";
import { counted } from "../../../../shared/text/counted.js";
import type { DefinitionProblem, DefinitionsAnswer } from "../../../../shared/wire/rest.js";
import { readText, sealOf } from "../../../machine/regularFile.js";
import { errorCode } from "../../../machine/systemErrors.js";
import { viewOf, type WorkflowDefinition } from "../definition.js";
import { DEFINITION_BYTES } from "../file/definitionError.js";
import {
  type DistinctDefinitions,
  definitionNames,
  distinctDefinitions,
  fileProblem,
  parsedDefinition,
  type ReadDefinition,
  tooManyFiles,
  unreadable,
  withExamples,
} from "./definitionFiles.js";

export interface DefinitionsOptions {
  /** The operator's folder; null where there is none. */
  readonly folder: string | null;
  /** On offer beside the operator's own, whose names win; null for none. */
  readonly examples: string | null;
  readonly inCode: readonly WorkflowDefinition[];
  /** Hears of the problems at the first reading, and of what is new among them at each later one. */
  readonly onProblems?: (problems: readonly DefinitionProblem[]) => void;
}

interface Known {
  /** With another one the file is read again. */
  readonly seal: string;
  readonly read: ReadDefinition;
}

/** The most that the problems in one answer may be, as JSON. */
const MOST_PROBLEM_BYTES = 60 * 1024;

export class Definitions {
  readonly #options: DefinitionsOptions;
  readonly #known = new Map<string, Known>();
  #told: ReadonlySet<string> = new Set();
  #wasFolderThere = false;
  #reading: Promise<DistinctDefinitions> | null = null;
  /** Begins when the one under way is over. */
  #nextReading: Promise<DistinctDefinitions> | null = null;

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

  /** A file that cannot be used must not be noticed only when it is missed. */
  async findProblems(): Promise<void> {
    await this.#all();
  }

  /** One reading at a time, and one more for all who came too late for it. */
  #all(): Promise<DistinctDefinitions> {
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

  async #readAll(): Promise<DistinctDefinitions> {
    const { folder, examples, inCode } = this.#options;
    const reads = folder === null ? [] : await this.#readFolder(folder);
    const own = distinctDefinitions(reads, inCode);
    const all =
      examples === null ? own : withExamples(own, reads, await this.#readFolder(examples));
    const problems = fitting(all.problems);
    this.#tell(problems);
    return { definitions: all.definitions, problems };
  }

  #tell(problems: readonly DefinitionProblem[]): void {
    const fresh = problems.filter((one) => !this.#told.has(JSON.stringify(one)));
    this.#told = new Set(problems.map((one) => JSON.stringify(one)));
    if (fresh.length > 0) this.#options.onProblems?.(fresh);
  }

  async #readFolder(folder: string): Promise<[string, ReadDefinition][]> {
    const reads: [string, ReadDefinition][] = [];
    const files = new Set<string>();
    try {
      const { names, left } = await definitionNames(folder);
      if (folder === this.#options.folder) this.#wasFolderThere = true;
      for (const name of names) {
        files.add(path.join(folder, name));
        reads.push([name, await this.#readFile(folder, name)]);
      }
      if (left > 0) {
        reads.push([folder, tooManyFiles(folder, left)]);
      }
    } catch (error) {
      // Where examples are on offer until then, it may come later.
      const mayCome = this.#options.examples !== null && !this.#wasFolderThere;
      if (errorCode(error) === "ENOENT" && mayCome) return [];
      return [[folder, { problems: [unreadable(folder, error)] }]];
    }
    for (const file of this.#known.keys()) {
      if (path.dirname(file) === path.join(folder) && !files.has(file)) this.#known.delete(file);
    }
    return reads;
  }

  async #readFile(folder: string, name: string): Promise<ReadDefinition> {
    const file = path.join(folder, name);
    try {
      const seal = await sealOf(file);
      const known = this.#known.get(file);
      if (known?.seal === seal) return known.read;
      const read = await parsedDefinition(await readText(file, DEFINITION_BYTES), name, folder);
      this.#known.set(file, { seal, read });
      return read;
    } catch (error) {
      return { problems: [unreadable(name, error)] };
    }
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
      fileProblem(
        one.file,
        `and ${counted(problems.length - index, "more problem")}, also of other files`,
      ),
    ];
  }
  return problems;
}
