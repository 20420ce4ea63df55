/** One workflow's folder of output: made with the first byte, read at the start, removed with the workflow. */
import { constants } from "node:fs";
import { join } from "node:path";
import { Disk, type FileSystem } from "../machine/disk.js";
import { makeFolders } from "../machine/makeFolders.js";
import type { OpenFiles } from "./openFiles.js";
import { ENDS_FILE, endsText, type OutputEnds, parseEnds } from "./outputEnds.js";
import type { SegmentFiles, SegmentPart } from "./segmentFiles.js";
import { parseSegmentName, type Segment, segmentName } from "./segments.js";

/** The index goes first: alone it would be taken for that of other bytes. */
const PARTS: readonly SegmentPart[] = ["times", "bytes"];
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Never through a link that somebody planted. */
const READ_WRITE = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

export const openSegment =
  (fileSystem: FileSystem) =>
  (path: string, create: boolean): ReturnType<FileSystem["open"]> =>
    fileSystem.open(path, create ? READ_WRITE | constants.O_CREAT : READ_WRITE, FILE_MODE);

interface FoundOutput {
  readonly step: number;
  readonly attempt: number;
  readonly segments: Segment[];
  /** Ms since the epoch: when it was printed to last. */
  changed: number;
}

export class OutputFolder {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #files: OpenFiles;
  readonly #prove: () => Promise<void>;
  #made: Promise<unknown> | null = null;
  #hasNewNames = false;

  constructor(
    path: string,
    fileSystem: FileSystem,
    files: OpenFiles,
    prove: () => Promise<void> = async () => {},
  ) {
    this.path = path;
    this.#fs = fileSystem;
    this.#files = files;
    this.#prove = prove;
  }

  /** The outputs by the names and sizes of their files, and the ends of those that were left out whole. */
  async read(): Promise<{ outputs: FoundOutput[]; ends: OutputEnds }> {
    const found = new Map<string, FoundOutput>();
    const indexes = new Map<string, number>();
    for (const name of await this.#fs.readdir(this.path)) {
      const parsed = parseSegmentName(name);
      if (!parsed) continue;
      const file = await this.#fs.lstat(join(this.path, name));
      if (!file.isFile()) continue;
      if (parsed.part === "times") {
        indexes.set(name, file.size);
        continue;
      }
      const { step, attempt, from } = parsed;
      const key = `${step}.${attempt}`;
      const output = found.get(key) ?? { step, attempt, segments: [], changed: 0 };
      found.set(key, output);
      output.segments.push({ from, length: file.size });
      output.changed = Math.max(output.changed, file.mtimeMs);
    }
    const outputs = [...found.values()].map((output) => withTimes(output, indexes));
    // An index that stays disturbs nothing until there are bytes of its name again.
    await this.#removeIndexes([...indexes.keys()]).catch(() => {});
    const ends = parseEnds(await new Disk(this.#fs).read(join(this.path, ENDS_FILE)));
    return { outputs, ends };
  }

  filesOf(step: number, attempt: number): SegmentFiles {
    const pathOf = (from: number, part: SegmentPart) =>
      join(this.path, segmentName({ step, attempt, from, part }));
    const remove = (from: number, part: SegmentPart) => {
      this.#files.forget(pathOf(from, part));
      return this.#unlink(pathOf(from, part));
    };
    return {
      use: async (from, part, create, run) => {
        if (create) {
          await this.#make();
          this.#hasNewNames = true;
        }
        return this.#files.use(pathOf(from, part), create, run);
      },
      remove: async (from) => {
        for (const part of PARTS) await remove(from, part);
      },
      removeTimes: async (from) => {
        await remove(from, "times");
        this.#hasNewNames = true;
      },
      prove: this.#prove,
      forget: (froms) => {
        for (const from of froms) for (const part of PARTS) this.#files.forget(pathOf(from, part));
      },
    };
  }

  /** Durable once it resolves. */
  async saveEnds(ends: OutputEnds): Promise<void> {
    await this.#prove();
    await new Disk(this.#fs).replace(join(this.path, ENDS_FILE), endsText(ends));
  }

  /** Resolves when the names of its files survive a power cut. */
  async syncNames(): Promise<void> {
    if (!this.#hasNewNames) return;
    this.#hasNewNames = false;
    for (const path of [this.path, join(this.path, "..")]) await this.#syncFolder(path);
  }

  /** Nothing to remove is no error. */
  async remove(): Promise<void> {
    try {
      for (const name of await this.#fs.readdir(this.path))
        await this.#unlink(join(this.path, name));
      await this.#fs.rmdir(this.path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Removes indexes of bytes that are not there, durably: a power cut must not bring them back. */
  async #removeIndexes(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#unlink(join(this.path, name));
    if (names.length > 0) await this.#syncFolder(this.path);
  }

  #make(): Promise<unknown> {
    this.#made ??= makeFolders(this.#fs, this.path, FOLDER_MODE).catch((error: unknown) => {
      this.#made = null;
      throw error;
    });
    return this.#made;
  }

  async #syncFolder(path: string): Promise<void> {
    const handle = await this.#fs.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #unlink(path: string): Promise<void> {
    try {
      await this.#fs.unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

/** Takes a segment's indexes out of those that are left. */
function withTimes(output: FoundOutput, indexes: Map<string, number>): FoundOutput {
  const { step, attempt } = output;
  const segments = output.segments.map((segment) => {
    const name = segmentName({ step, attempt, from: segment.from, part: "times" });
    const times = indexes.get(name) ?? 0;
    indexes.delete(name);
    return { ...segment, times };
  });
  return { ...output, segments };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";
