/** One attempt's output in another node's folder: as it was when it was looked at last, and looked at again where its node has changed it since. */
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Disk } from "../../machine/disk.js";
import { errorCode } from "../../machine/systemErrors.js";
import { type Chunk, Output } from "../output.js";
import { ENDS_FILE, endKey, parseEnds } from "../outputEnds.js";
import type { OutputSource } from "../outputSource.js";
import type { OutputName } from "../outputStore.js";
import type { SegmentFiles, SegmentPart } from "../segmentFiles.js";
import { inOrder, parseSegmentName, planFor, type Segment, segmentName } from "../segments.js";
import { TimesMemory } from "../timesMemory.js";
import type { TimedPart } from "../timesReader.js";

export interface SharedOutputParts {
  /** The workflow's, which need not be there. */
  readonly folder: string;
  readonly step: number;
  readonly attempt: number;
  /** The names in a folder; null where it is not there. */
  readonly list: (path: string) => Promise<string[] | null>;
  readonly disk: Pick<Disk, "read">;
  /** With the file open for reading. */
  readonly use: <T>(path: string, run: (handle: FileHandle) => Promise<T>) => Promise<T>;
  readonly timesFailed: (error: unknown) => void;
}

/** How often it is looked at anew before what cannot be read is an error. */
const MOST_LOOKS = 3;
/** No file of ours: one that is gone, a link, a pipe. */
const NOT_THERE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ELOOP", "ENXIO", "ESTALE"]);

export class SharedOutput implements OutputSource {
  readonly #parts: SharedOutputParts;
  readonly #files: SegmentFiles;
  #segments: readonly Segment[] = [];
  #output: Output;
  /** Segments that its node has removed since it was looked at: they are left out. */
  readonly #gone = new Set<number>();

  constructor(parts: SharedOutputParts) {
    this.#parts = parts;
    this.#files = filesOf(parts, (from) => this.#gone.add(from));
    this.#output = this.#made(0);
  }

  /** Resolves once it knows what is there now. Rejects with what the disk said. */
  async look(): Promise<void> {
    const { folder, step, attempt, list, disk } = this.#parts;
    const found: Segment[] = [];
    const names = await list(folder);
    for (const name of names ?? []) {
      const parsed = parseSegmentName(name);
      if (parsed?.part !== "bytes" || parsed.step !== step || parsed.attempt !== attempt) continue;
      const { from } = parsed;
      const length = await this.#sizeOf(from, "bytes");
      // Behind the bytes: more times than bytes harm nobody.
      if (length !== null)
        found.push({ from, length, times: (await this.#sizeOf(from, "times")) ?? 0 });
    }
    const hasEnds = names?.includes(ENDS_FILE) ?? false;
    const ends = parseEnds(hasEnds ? await disk.read(join(folder, ENDS_FILE)) : null);
    this.#gone.clear();
    this.#segments = inOrder(found);
    this.#output = this.#made(ends.get(endKey(step, attempt)) ?? 0);
  }

  /** Where it ended when it was looked at. */
  next(): number {
    return this.#output.next;
  }

  /** As of the store of output. */
  read(_: OutputName, from: number, most: number): Promise<Chunk> {
    return this.#trying((output) => output.read(from, most));
  }

  /** As of the store of output. */
  times(_: OutputName, from: number, to: number, most: number): Promise<TimedPart> {
    return this.#trying((output) => output.times(from, to, most));
  }

  /** As of the store of output. */
  tailStart(_: OutputName, bytes: number): Promise<number> {
    return this.#trying((output) => output.tailStart(bytes));
  }

  /** As of the store of output. */
  hasAll(_: OutputName, from: number, next: number): boolean {
    return this.#output.hasAll(from, next);
  }

  /** Its node may leave out a middle, or take back what its disk refused, while it is read. */
  async #trying<T>(run: (output: Output) => Promise<T>): Promise<T> {
    for (let looks = 0; ; ) {
      try {
        return await run(this.#output);
      } catch (error) {
        if (this.#leaveOutGone()) continue;
        looks += 1;
        if (looks > MOST_LOOKS) throw error;
        await this.look();
      }
    }
  }

  /** False where none is gone. */
  #leaveOutGone(): boolean {
    const left = this.#segments.filter(({ from }) => !this.#gone.has(from));
    if (left.length === this.#segments.length) return false;
    this.#segments = left;
    this.#output = this.#made(this.#output.next);
    return true;
  }

  /** Asked of the open file: over a network the names alone may tell what was so a while ago. */
  async #sizeOf(from: number, part: SegmentPart): Promise<number | null> {
    try {
      const file = await this.#files.use(from, part, false, (handle) => handle.stat());
      return file.isFile() ? file.size : null;
    } catch (error) {
      if (NOT_THERE.has(errorCode(error))) return null;
      throw error;
    }
  }

  #made(next: number): Output {
    const { timesFailed } = this.#parts;
    // The plan is for those who write.
    return new Output(this.#files, planFor(1), this.#segments, {
      ...{ next, timesFailed, memory: new TimesMemory() },
      grew: () => {},
    });
  }
}

function filesOf(
  { folder, step, attempt, use }: SharedOutputParts,
  gone: (from: number) => void,
): SegmentFiles {
  const refuse = () => Promise.reject(new Error("the output of another node is only read"));
  return {
    use: async (from, part, create, run) => {
      if (create) return refuse();
      try {
        return await use(join(folder, segmentName({ step, attempt, from, part })), run);
      } catch (error) {
        if (part === "bytes" && NOT_THERE.has(errorCode(error))) gone(from);
        throw error;
      }
    },
    ...{ remove: refuse, removeTimes: refuse, prove: refuse },
    forget: () => {},
  };
}
