/** The write-ahead journal: what is appended is durable in one write with everything that gathered meanwhile. */
import { join } from "node:path";
import type { AppendedFile } from "../../machine/appendedFile.js";
import type { Disk } from "../../machine/disk.js";
import type { ReadJournal, Segment } from "./journalFolder.js";
import { encodeLine } from "./lines.js";
import type { SegmentHead } from "./segmentContent.js";
import { segmentNameOf } from "./segmentName.js";

/** A file that has grown to this is followed by a new one. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** The ending of a file that is kept for people. */
const DAMAGED = ".damaged";

export interface JournalParts {
  readonly disk: Disk;
  readonly folder: string;
  /** The folder as the start has found it. */
  readonly found: ReadJournal;
  /** Asked before each write: undefined where the folder is known to be this server's, else resolves or rejects with FolderLost. */
  readonly prove: () => Promise<void> | undefined;
  /** A new file has begun: the ones before it can go once nothing in them is needed. */
  readonly onNewSegment: () => void;
  readonly segmentBytes?: number;
}

/** Not durable. `isKnown`: nothing of it will be found at a start; otherwise nobody knows until the disk works again. */
export class NotAppended extends Error {
  override readonly name = "NotAppended";
  readonly isKnown: boolean;

  constructor(cause: unknown, isKnown: boolean) {
    super("the journal could not be written", { cause });
    this.isKnown = isKnown;
  }
}

interface Waiting {
  readonly content: string;
  readonly onDurable: (segment: number) => void;
  readonly resolve: () => void;
  readonly reject: (why: NotAppended) => void;
}

interface OpenSegment {
  readonly number: number;
  readonly path: string;
  readonly file: AppendedFile;
  /** A write to it was refused: nothing more is appended, as a kernel that refused once may say yes to what it has dropped. */
  isSpent: boolean;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #segmentBytes: number;
  #older: Segment[];
  #open: OpenSegment | null = null;
  #queue: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #nextSegment: number;
  #nextLine: number;
  /** The open file has a refused write behind its end that could not be cut off. */
  #isTailOwed = false;
  /** New files that were refused and could not be removed. The next file that begins makes them count for nothing. */
  #refused: string[] = [];
  /** Files that count for nothing as long as those behind them are there: they have to go first. */
  #void: string[];

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#segmentBytes = parts.segmentBytes ?? SEGMENT_BYTES;
    this.#older = [...parts.found.segments];
    this.#void = [...parts.found.stale];
    this.#nextSegment = parts.found.nextSegment;
    this.#nextLine = parts.found.nextLine;
  }

  /** The file that is written now, or the next one. */
  get segment(): number {
    return this.#open?.number ?? this.#nextSegment;
  }

  /**
   * `content` is the JSON text of an object that is not empty. Once it is durable `onDurable` is called with the number of its file, in the order of the
   * appends and before anything else happens to the journal; then the promise resolves. Rejects with NotAppended.
   */
  append(content: string, onDurable: (segment: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ content, onDurable, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  /** Takes back what a refused write left. Rejects where the disk still refuses. */
  async settle(): Promise<void> {
    await this.#writing;
    await this.#takeBack();
  }

  /** Begins a new file with the next append where somebody took the open one away. */
  async look(): Promise<void> {
    const open = this.#open;
    if (open && !(await this.#parts.disk.isThere(open.path))) open.isSpent = true;
  }

  /** Whether a file that is not written any more has a number below `segment`. */
  hasBelow(segment: number): boolean {
    return this.#void.length > 0 || (this.#older[0]?.number ?? segment) < segment;
  }

  /** Removes the files whose numbers are below `segment`, the oldest first. Rejects where the disk refuses; the rest is removed next time. */
  async cut(segment: number): Promise<void> {
    const { disk } = this.#parts;
    for (let path = this.#void[0]; path !== undefined; path = this.#void[0]) {
      await disk.remove(path);
      if (this.#void[0] === path) this.#void.shift();
    }
    for (let oldest = this.#older[0]; oldest && oldest.number < segment; oldest = this.#older[0]) {
      if (oldest.isDamaged) await disk.move(oldest.path, `${oldest.path}${DAMAGED}`);
      else await disk.remove(oldest.path);
      // Another cut may have come first.
      if (this.#older[0] === oldest) this.#older.shift();
    }
  }

  /** Closes the open file where nothing is being written: the next append begins another. */
  async rest(): Promise<void> {
    if (!this.#writing) await this.#closeSegment();
  }

  /** Ends the writing; the files stay. Resolves when nothing of it touches the disk any more. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#closeSegment();
  }

  /** Appends that gather during a write share the next one. */
  async #drain(): Promise<void> {
    // Commands of several workflows that came in one turn are saved together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      try {
        const segment = await this.#write(batch);
        for (const { onDurable, resolve } of batch) {
          onDurable(segment);
          resolve();
        }
      } catch (error) {
        const why = error instanceof NotAppended ? error : new NotAppended(error, true);
        for (const { reject } of batch) reject(why);
      }
    }
    this.#writing = null;
  }

  /** No more than about a file is to have, so that each can be read in one piece. */
  #nextBatch(): readonly Waiting[] {
    let count = 0;
    for (let length = 0; count < this.#queue.length && length < this.#segmentBytes; count++) {
      length += this.#queue[count]!.content.length;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<number> {
    const proving = this.#parts.prove();
    if (proving) await proving;
    const open = this.#open;
    if (!open || open.isSpent || open.file.end >= this.#segmentBytes) return this.#begin(batch);
    const first = this.#nextLine;
    const text = linesOf(batch, first);
    try {
      await this.#parts.disk.append(open.path, open.file, Buffer.from(text));
    } catch (error) {
      open.isSpent = true;
      this.#isTailOwed = true;
      throw new NotAppended(error, await this.#isTakenBack());
    }
    this.#nextLine = first + batch.length;
    return open.number;
  }

  async #isTakenBack(): Promise<boolean> {
    await this.#takeBack().catch(() => {});
    return !this.#isTailOwed && this.#refused.length === 0;
  }

  async #takeBack(): Promise<void> {
    if (this.#isTailOwed) await this.#open?.file.takeBack();
    this.#isTailOwed = false;
    for (let path = this.#refused[0]; path !== undefined; path = this.#refused[0]) {
      await this.#parts.disk.remove(path);
      if (this.#refused[0] === path) this.#refused.shift();
    }
  }

  /** The batch is the first in a new file, which says what of the file before counts. */
  async #begin(batch: readonly Waiting[]): Promise<number> {
    const { disk, folder, onNewSegment } = this.#parts;
    const number = this.#nextSegment;
    // Counted even if it is refused: its file may stay.
    this.#nextSegment += 1;
    const path = join(folder, segmentNameOf(number));
    const before = this.#open
      ? { segment: this.#open.number, bytes: this.#open.file.end }
      : lastOf(this.#older);
    const first = this.#nextLine;
    const head = encodeLine(first, first, JSON.stringify({ after: before }));
    const text = head + linesOf(batch, first + 1, first);
    let file: AppendedFile;
    try {
      file = await disk.beginAppended(path, Buffer.from(text));
    } catch (error) {
      this.#refused.push(path);
      throw new NotAppended(error, await this.#isTakenBack());
    }
    await this.#closeSegment();
    this.#isTailOwed = false;
    this.#void.push(...this.#refused.splice(0));
    this.#open = { number, path, file, isSpent: false };
    this.#nextLine = first + 1 + batch.length;
    onNewSegment();
    return number;
  }

  async #closeSegment(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    const { number, path, file } = open;
    this.#older.push({ number, path, end: file.end, isDamaged: false });
    // A refused write behind its end is left out by the next file's first line.
    await file.close().catch(() => {});
  }
}

function linesOf(batch: readonly Waiting[], first: number, batchNumber = first): string {
  let text = "";
  for (let i = 0; i < batch.length; i++) {
    text += encodeLine(first + i, batchNumber, batch[i]!.content);
  }
  return text;
}

function lastOf(segments: readonly Segment[]): SegmentHead["after"] {
  const last = segments.at(-1);
  return last ? { segment: last.number, bytes: last.end } : null;
}
