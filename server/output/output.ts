/** One attempt's output: appended one piece after the other, read from any offset, its middle left out where it is too long. */
import { SyncError } from "../../shared/errors.js";
import { strayLength } from "../../shared/text/utf8.js";
import type { Moment } from "../../shared/wire/logTimes.js";
import { errorCode } from "../machine/disk.js";
import { readAll } from "../machine/fileBytes.js";
import type { SegmentFiles } from "./segmentFiles.js";
import {
  bytesOnDisk,
  endOf,
  indexBytes,
  keptOf,
  type Segment,
  type SegmentPlan,
} from "./segments.js";
import { SegmentWriter } from "./segmentWriter.js";
import type { TimesMemory } from "./timesMemory.js";
import { type TimedPart, TimesReader } from "./timesReader.js";

/** The conditions under which bytes are appended. */
export interface AppendConditions {
  /** Only if the output ends there. */
  readonly at?: number | undefined;
  /** Asked when the turn has come; throws what refuses. */
  readonly check?: () => void;
  /** When the bytes came; where it is missing no time of theirs is kept. */
  readonly cameAt?: Moment;
}

/** Where a piece of output begins and ends. */
export interface Appended {
  readonly from: number;
  readonly next: number;
}

export interface Chunk extends Appended {
  readonly bytes: Buffer;
  /** How many bytes before `from` were asked for and are left out. */
  readonly skipped: number;
  /** The bytes behind it are left out, so nothing will ever complete a character at its end. */
  readonly endsAtGap: boolean;
}

interface Accounting {
  /** The end of an output that was left out whole. */
  readonly next: number;
  /** Told by how much more, or less, is on the disk now. */
  readonly grew: (bytes: number) => void;
  readonly memory: TimesMemory;
  /** Hears why it is not known when some bytes came. */
  readonly timesFailed: (error: unknown) => void;
}

/** The line that a tail begins with is looked for in so many bytes; a longer line is cut. */
const LONGEST_LINE = 64 * 1024;
const LINE_FEED = 10;

export class Output {
  readonly #files: SegmentFiles;
  readonly #plan: SegmentPlan;
  readonly #accounting: Accounting;
  readonly #writer: SegmentWriter;
  readonly #reader: TimesReader;
  #segments: readonly Segment[] = [];
  #bytes = 0;
  #next: number;
  #line: Promise<unknown> = Promise.resolve();
  readonly #unsynced = new Set<number>();
  #isRemoved = false;

  constructor(
    files: SegmentFiles,
    plan: SegmentPlan,
    found: readonly Segment[],
    accounting: Accounting,
  ) {
    const { next, memory, timesFailed: untimed } = accounting;
    this.#files = files;
    this.#plan = plan;
    this.#accounting = accounting;
    this.#reader = new TimesReader(files, memory, untimed);
    const indexOpened = () => this.#reader.forget();
    this.#writer = new SegmentWriter({ files, plan, indexOpened, untimed });
    this.#next = found.reduce((end, segment) => Math.max(end, endOf(segment)), next);
    this.#hold(found);
  }

  /** The bytes it takes on the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes on the disk between its first and its newest segment. */
  get middleBytes(): number {
    return bytesOnDisk(this.#segments.slice(1, -1));
  }

  /** Where it ends: all that was ever appended. */
  get next(): number {
    return this.#next;
  }

  /** Resolves once the bytes are in the file; `announce` is called in the turn they become readable. */
  append(bytes: Uint8Array, conditions: AppendConditions, announce: () => void): Promise<Appended> {
    const appended = this.#line.then(() => this.#append(bytes, conditions, announce));
    this.#line = appended.catch(() => {});
    return appended;
  }

  /** At most `most` bytes from `from` on, or from the first after it that is there; none at the end. */
  async read(from: number, most: number): Promise<Chunk> {
    for (;;) {
      const first = this.#segments.find((segment) => endOf(segment) > from);
      if (!first) return this.#chunk(from, this.#next, []);
      const start = Math.max(from, first.from);
      const pieces = await this.#readPieces(start, most);
      // Left out while this read waited: the output begins later now.
      if (pieces.length > 0) return this.#chunk(from, start, pieces);
    }
  }

  /** When the bytes between two offsets came; at most `most` entries. */
  times(from: number, to: number, most: number): Promise<TimedPart> {
    return this.#reader.read(this.#segments, from, Math.min(to, this.#next), most);
  }

  /** Where the newest `bytes` begin: at a line, unless that line is a very long one. */
  async tailStart(bytes: number): Promise<number> {
    const from = Math.max(0, this.#next - bytes);
    if (from === 0 || bytes === 0) return from;
    const end = this.#next;
    const chunk = await this.read(from - 1, LONGEST_LINE);
    if (chunk.skipped > 0 || chunk.bytes.length === 0) return from;
    const line = chunk.from + chunk.bytes.indexOf(LINE_FEED) + 1;
    if (line > chunk.from && line < end) return line;
    return from + strayLength(chunk.bytes.subarray(1));
  }

  /** Whether bytes between the two offsets were left out. */
  hasAll(from: number, next: number): boolean {
    let at = from;
    for (const segment of this.#segments) {
      if (segment.from <= at && endOf(segment) > at) at = endOf(segment);
    }
    return at >= next;
  }

  get isSynced(): boolean {
    return this.#unsynced.size === 0;
  }

  /** Resolves when what was appended so far survives a power cut. */
  async sync(): Promise<void> {
    const unsynced = [...this.#unsynced];
    // A failed sync is never tried again, as in `Disk.replace`: the kernel may have dropped the pages.
    this.#unsynced.clear();
    for (const from of unsynced) {
      const found = () => this.#segments.find((segment) => segment.from === from);
      const segment = found();
      if (!segment) continue;
      const times = indexBytes(segment) > 0 ? this.#syncTimes(from) : null;
      try {
        await this.#files.use(from, "bytes", false, (handle) => handle.datasync());
      } catch (error) {
        if (found() || errorCode(error) !== "ENOENT") throw error;
      } finally {
        await times;
      }
    }
  }

  /** Comes in its turn among the appends; resolves once it is off the disk. */
  leaveOut(part: "middle" | "all"): Promise<void> {
    const leavingOut = this.#line.then(async () => {
      await this.#files.prove();
      const leftOut = part === "all" ? this.#segments : this.#segments.slice(1, -1);
      this.#hold(this.#segments.filter((segment) => !leftOut.includes(segment)));
      for (const segment of leftOut) await this.#leaveOut(segment);
    });
    this.#line = leavingOut.catch(() => {});
    return leavingOut;
  }

  /** Appends that wait are refused; resolves when none is under way. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.#line;
    this.#files.forget(this.#segments.map(({ from }) => from));
    this.#accounting.memory.drop(this.#reader);
    this.#hold([]);
  }

  async #append(
    bytes: Uint8Array,
    { at, check, cameAt }: AppendConditions,
    announce: () => void,
  ): Promise<Appended> {
    if (this.#isRemoved) throw new SyncError("unknown_workflow", "this workflow was cleared");
    check?.();
    const from = this.#next;
    if (at !== undefined && at !== from) {
      throw new SyncError("offset_moved", `the output ends at ${from}`, { next: from });
    }
    if (bytes.length === 0) return { from, next: from };
    const grown = await this.#writer.write(this.#segments, bytes, from, cameAt);
    for (const segment of grown) if (endOf(segment) > from) this.#unsynced.add(segment.from);
    const { kept, leftOut } = keptOf(grown, this.#plan);
    this.#hold(kept);
    this.#next = from + bytes.length;
    announce();
    for (const segment of leftOut) await this.#leaveOut(segment);
    return { from, next: this.#next };
  }

  /** Never rejects: bytes are not refused for their times. */
  async #syncTimes(from: number): Promise<void> {
    try {
      await this.#files.use(from, "times", false, (handle) => handle.datasync());
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#accounting.timesFailed(error);
    }
  }

  #hold(segments: readonly Segment[]): void {
    const before = this.#bytes;
    this.#segments = segments;
    this.#bytes = bytesOnDisk(segments);
    this.#accounting.grew(this.#bytes - before);
  }

  async #leaveOut({ from }: Segment): Promise<void> {
    this.#unsynced.delete(from);
    // A file that stays is removed at the next start.
    await this.#files.remove(from).catch(() => {});
  }

  async #readPieces(start: number, most: number): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    let at = start;
    while (at < start + most) {
      const segment = this.#segments.find((one) => one.from <= at && endOf(one) > at);
      if (!segment) break;
      const count = Math.min(start + most, endOf(segment)) - at;
      try {
        const position = at - segment.from;
        pieces.push(
          await this.#files.use(segment.from, "bytes", false, (handle) =>
            readAll(handle, position, count),
          ),
        );
      } catch (error) {
        const isThere = this.#segments.some(({ from }) => from === segment.from);
        if (isThere || errorCode(error) !== "ENOENT") throw error;
        break;
      }
      at += count;
    }
    return pieces;
  }

  #chunk(asked: number, from: number, pieces: readonly Buffer[]): Chunk {
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    const next = from + bytes.length;
    const endsAtGap = next < this.#next && !this.hasAll(next, next + 1);
    return { from, next, bytes, skipped: Math.max(0, from - asked), endsAtGap };
  }
}
