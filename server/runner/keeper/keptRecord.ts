/** How far a command's output has come into the log of its attempt, on disk beside what its keeper wrote: a later server goes on behind that. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod";
import type { SpoolPlace } from "./keeper.js";

const Count = z.int().nonnegative();

const KeptRecord = z.object({
  /** Where the command's output begins in the log of its attempt. */
  begin: Count,
  /** Here masking may begin anew. Everything before it is in the log. */
  place: z.object({ segment: z.int().positive(), at: Count }),
  /** So many bytes of what comes of that were in the log as well when it was `log` bytes long. */
  skip: Count,
  log: Count,
  /** The place is in the middle of a line. */
  isInLine: z.boolean(),
  /** Lines of Instep's own in the log, the newest of them: where each begins, and its length. */
  own: z.array(z.tuple([Count, Count])),
  /** When a server left the command at work on purpose, in ms since 1970. */
  left: z.number().nullable(),
});
export type KeptRecord = z.infer<typeof KeptRecord>;

/** A record of so many bytes is written over the one before in one piece, also on a full disk. */
const PADDED = 2_048;
const MOST_OWN = 50;

/** The record of an output of which nothing was taken yet. */
export const recordAt = (begin: number, place: SpoolPlace): KeptRecord => ({
  begin,
  place,
  skip: 0,
  log: begin,
  isInLine: false,
  own: [],
  left: null,
});

/** How many bytes of the command's own stand in a log that is `length` long, counted as `skip` counts. */
export function givenBy({ skip, log, own }: KeptRecord, length: number): number {
  const ours = own
    .filter(([from]) => from >= log)
    .reduce((sum, [from, count]) => sum + Math.max(0, Math.min(length, from + count) - from), 0);
  return Math.max(0, skip + (length - log) - ours);
}

/** The same with one more line of Instep's own. */
export const withOwn = (record: KeptRecord, from: number, length: number): KeptRecord => ({
  ...record,
  own: [...record.own, [from, length] as [number, number]].slice(-MOST_OWN),
});

/**
 * The record for going on behind a log that is `length` long: it counts no line of Instep's own that did not come into it. `isTorn`: the log ends within
 * such a line, which is to be ended with a line end, and has no more of it.
 */
export function onwards(
  record: KeptRecord,
  length: number,
): { readonly record: KeptRecord; readonly isTorn: boolean } {
  const begun = record.own.filter(([from]) => from < length);
  const isTorn = begun.some(([from, count]) => length < from + count);
  const own = begun.map(([from, count]): [number, number] => [
    from,
    Math.min(count, length + 1 - from),
  ]);
  return { record: { ...record, own }, isTorn };
}

/** Null where there is none, or it cannot be read. */
export function readRecord(path: string): KeptRecord | null {
  try {
    return KeptRecord.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}

/** An open file that holds one record, the newest. What survives is this process's end, no power cut: no command survives that either. */
export class RecordFile {
  readonly #file: number;

  /** Throws where the disk refuses. */
  constructor(path: string) {
    this.#file = openSync(path, "a+", 0o600);
    closeSync(this.#file);
    this.#file = openSync(path, "r+");
  }

  write(record: KeptRecord): void {
    writeSync(this.#file, `${JSON.stringify(record).padEnd(PADDED - 1)}\n`, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
