/** The files follow the journal: what a file is to hold is written a moment later, and the journal is cut once nothing in it is needed. */
import type { JournalEntry } from "./journalEntries.js";
import type { WorkflowRecord } from "./record.js";

/** A change is written after so long, together with those that come meanwhile. */
const GATHERED_MS = 150;
/** The same file is written again after so long at the soonest. */
const EVERY_MS = 750;
/** A file that the disk refused is tried again after so long, where nobody asks for it before. */
const AGAIN_MS = 2_000;
/** So many files are written at once where somebody waits for all of them. */
const AT_ONCE = 8;

/** A file, and what it is to hold. */
export interface Wanted {
  readonly path: string;
  /** Null: it is not to be there. */
  readonly record: WorkflowRecord | null;
  /** The version before it, of the same epoch, where there is one. */
  readonly previous?: WorkflowRecord | null | undefined;
  /** Says the same in the journal, for a file that has to wait for longer than the journal's oldest lines may stay. */
  readonly entry: JournalEntry;
  /** The file that takes over its content, and has to be durable before this one goes. */
  readonly behind?: string | undefined;
}

interface Owed extends Wanted {
  /** The oldest file of the journal that has anything this file has not. */
  readonly since: number;
  /** In elapsed time. */
  readonly due: number;
  readonly behind: string | undefined;
}

/** Entries that the journal has to keep, as no file can take them now. */
interface Pinned {
  readonly entries: readonly JournalEntry[];
  readonly since: number;
}

export interface CheckpointsParts {
  readonly elapsed: () => number;
  /** As that of a `Clock`. Where missing, files are written when somebody waits for it, and not before. */
  readonly after: ((ms: number, run: () => void) => () => void) | undefined;
  /** Makes a file hold what it is to hold; durable. Rejects where the disk refuses. */
  readonly write: (wanted: Wanted) => Promise<void>;
  /** Called after each round of writes: fewer files of the journal may be needed. Never rejects. */
  readonly onWritten: () => Promise<void>;
}

export class Checkpoints {
  readonly #parts: CheckpointsParts;
  readonly #owed = new Map<string, Owed>();
  /** Files on their way to the disk. */
  readonly #writing = new Map<string, { readonly owed: Owed; readonly done: Promise<void> }>();
  readonly #pinned = new Map<string, Pinned>();
  readonly #writtenAt = new Map<string, number>();
  readonly #failing = new Set<string>();
  #round: Promise<void> | null = null;
  #timer: { readonly due: number; readonly cancel: () => void } | null = null;
  #isClosed = false;

  constructor(parts: CheckpointsParts) {
    this.#parts = parts;
  }

  /** Whether the disk refused this file, and has not taken it since. */
  isFailing(path: string): boolean {
    return this.#failing.has(path);
  }

  /** The oldest file of the journal that is needed; infinity for none. */
  get oldestNeeded(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { since } of this.#owed.values()) oldest = Math.min(oldest, since);
    for (const { owed } of this.#writing.values()) oldest = Math.min(oldest, owed.since);
    for (const { since } of this.#pinned.values()) oldest = Math.min(oldest, since);
    return oldest;
  }

  /** `segment` is the file of the journal in which it stands. */
  owe(wanted: Wanted, segment: number): void {
    const { path } = wanted;
    const before = this.#owed.get(path);
    const due = before?.due ?? this.#dueOf(path);
    // A record that takes the place of one that was to go waits for the same file as that.
    const behind = wanted.behind ?? before?.behind ?? this.#writing.get(path)?.owed.behind;
    const since = before ? Math.min(segment, before.since) : segment;
    const { record, previous, entry } = wanted;
    this.#owed.set(path, { path, record, previous, entry, behind, since, due });
    this.#arm(due);
  }

  /** The journal keeps these entries, under a key of the caller's, until they are let go. */
  pin(key: string, entries: readonly JournalEntry[], segment: number): void {
    this.#pinned.set(key, { entries, since: segment });
  }

  unpin(key: string): void {
    this.#pinned.delete(key);
  }

  /** Everything that is owed is due now: the journal has begun a new file, and the older ones are to go. */
  hurry(): void {
    for (const owed of this.#owed.values()) {
      if (!this.#failing.has(owed.path)) this.#owed.set(owed.path, { ...owed, due: 0 });
    }
    if (this.#owed.size > 0) this.#arm(0);
  }

  /** Entries that would hold the journal's older files for long: `restated` is to be called once the entries stand in the journal anew. */
  get held(): { readonly entries: readonly JournalEntry[]; restated: (segment: number) => void }[] {
    const pinned = [...this.#pinned].map(([key, { entries }]) => ({
      entries,
      restated: (segment: number) => {
        if (this.#pinned.get(key)?.entries === entries) this.pin(key, entries, segment);
      },
    }));
    const failing = [...this.#failing].flatMap((path) => {
      const owed = this.#owed.get(path);
      if (!owed) return [];
      const restated = (segment: number) => {
        if (this.#owed.get(path) === owed) this.#owed.set(path, { ...owed, since: segment });
      };
      return [{ entries: [owed.entry], restated }];
    });
    return [...pinned, ...failing];
  }

  /** Resolves once the file is as it is to be. Rejects where the disk refuses. */
  async settle(path: string): Promise<void> {
    const behind = this.#owed.get(path)?.behind;
    if (behind !== undefined) await this.settle(behind).catch((error) => this.#putOff(path, error));
    for (let writing = this.#writing.get(path); writing; writing = this.#writing.get(path)) {
      await writing.done.catch(() => {});
    }
    await this.#write(path);
  }

  /** Resolves once all files are as they are to be. Where the disk refuses some of them, rejects after the others. */
  async settleAll(): Promise<void> {
    const refusals: unknown[] = [];
    const settle = (path: string) => this.settle(path).catch((error) => void refusals.push(error));
    const paths = new Set([...this.#writing.keys(), ...this.#owed.keys()]);
    await severalAtOnce([...paths], settle);
    await this.#parts.onWritten();
    if (refusals.length > 0) throw refusals[0];
  }

  /** No file is written by itself any more. Resolves when none is being written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#round;
    await Promise.allSettled([...this.#writing.values()].map(({ done }) => done));
  }

  #dueOf(path: string): number {
    const now = this.#parts.elapsed();
    return Math.max(
      now + GATHERED_MS,
      (this.#writtenAt.get(path) ?? Number.NEGATIVE_INFINITY) + EVERY_MS,
    );
  }

  #arm(due: number): void {
    const { after, elapsed } = this.#parts;
    if (!after || this.#isClosed || this.#round || (this.#timer && this.#timer.due <= due)) return;
    this.#timer?.cancel();
    const run = () => {
      this.#timer = null;
      this.#round = this.#runRound().finally(() => {
        this.#round = null;
        let next = Number.POSITIVE_INFINITY;
        for (const owed of this.#owed.values()) next = Math.min(next, owed.due);
        if (next < Number.POSITIVE_INFINITY) this.#arm(next);
      });
    };
    this.#timer = { due, cancel: after(Math.max(0, due - elapsed()), run) };
  }

  /** One after the other: nobody waits for them, and those who wait for the journal share the disk with them. */
  async #runRound(): Promise<void> {
    const now = this.#parts.elapsed();
    const due = [...this.#owed.values()].filter((owed) => owed.due <= now);
    for (const { path } of due) {
      if (this.#isClosed) return;
      // The operator and the tabs hear of a refusal from the disk itself.
      await this.settle(path).catch(() => {});
    }
    await this.#parts.onWritten();
  }

  #write(path: string): Promise<void> {
    const owed = this.#owed.get(path);
    if (!owed) return Promise.resolve();
    this.#owed.delete(path);
    const done = this.#written(owed).finally(() => this.#writing.delete(path));
    this.#writing.set(path, { owed, done });
    return done;
  }

  /** The file it waits for was refused, and so it is, too. */
  #putOff(path: string, error: unknown): never {
    const owed = this.#owed.get(path);
    if (owed) {
      this.#failing.add(path);
      this.#owed.set(path, { ...owed, due: this.#parts.elapsed() + AGAIN_MS });
    }
    throw error;
  }

  async #written(owed: Owed): Promise<void> {
    const { path, record, since } = owed;
    try {
      await this.#parts.write(owed);
    } catch (error) {
      this.#failing.add(path);
      const newer = this.#owed.get(path) ?? owed;
      const due = this.#parts.elapsed() + AGAIN_MS;
      this.#owed.set(path, { ...newer, since: Math.min(since, newer.since), due });
      throw error;
    }
    this.#failing.delete(path);
    if (record) this.#writtenAt.set(path, this.#parts.elapsed());
    else this.#writtenAt.delete(path);
  }
}

async function severalAtOnce<T>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items].reverse();
  const runNext = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runNext));
}
