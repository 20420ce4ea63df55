/** Reads when output came from the indexes of one output, part by part, and remembers one part and where the others begin. */

import type { LogTimes, TimedOffset } from "../../shared/wire/logTimes.js";
import { errorCode } from "../machine/disk.js";
import { readAll } from "../machine/fileBytes.js";
import { INDEX_BEGIN, type IndexPlace } from "./indexRecords.js";
import type { SegmentFiles } from "./segmentFiles.js";
import { endOf, indexBytes, type Segment } from "./segments.js";
import { INDEX_PIECE_BYTES, TimedRuns } from "./timedRuns.js";
import type { TimesMemory } from "./timesMemory.js";

/** The known times of some bytes. */
export interface TimedPart {
  /** In order, the first where the part begins; none where it is empty. Neighbours differ. */
  readonly times: LogTimes;
  /** Where the part ends: before what was asked for where that has too many entries. */
  readonly next: number;
}

export class TimesReader {
  readonly #files: SegmentFiles;
  readonly #memory: TimesMemory;
  readonly #failed: (error: unknown) => void;
  #segment: number | null = null;
  #runs = new TimedRuns();
  /** Where the parts of that segment's index begin, as far as it was read. */
  #starts: IndexPlace[] = [INDEX_BEGIN];
  /** One reading after the other. */
  #line: Promise<unknown> = Promise.resolve();

  /** `failed`: hears of an index that cannot be read, which is as good as none. */
  constructor(files: SegmentFiles, memory: TimesMemory, failed: (error: unknown) => void) {
    this.#files = files;
    this.#memory = memory;
    this.#failed = failed;
  }

  /** At most `most` entries. Bytes that were left out, and bytes without an index, have no time. */
  async read(
    segments: readonly Segment[],
    from: number,
    to: number,
    most: number,
  ): Promise<TimedPart> {
    const times: TimedOffset[] = [];
    for await (const [offset, at] of this.#all(segments, from, to)) {
      if (times.at(-1)?.[1] === at) continue;
      if (times.length === most) return { times, next: offset };
      times.push([offset, at]);
    }
    return { times, next: Math.max(from, to) };
  }

  /** Forgets everything that was read. */
  forget(): void {
    this.#segment = null;
    this.#runs = new TimedRuns();
    this.#starts = [INDEX_BEGIN];
  }

  async *#all(segments: readonly Segment[], from: number, to: number): AsyncGenerator<TimedOffset> {
    let at = from;
    for (const segment of segments) {
      const until = Math.min(to, endOf(segment));
      if (until <= at) continue;
      if (at < segment.from) yield [at, null];
      at = Math.max(at, segment.from);
      for (;;) {
        const runs = await this.#runsAt(segment, at - segment.from);
        for (const [offset, moment] of runs.between(at - segment.from, until - segment.from))
          yield [segment.from + offset, moment];
        const told = Math.min(until, segment.from + runs.covered);
        if (told <= at) break;
        at = told;
      }
      if (at < until) yield [at, null];
      at = until;
    }
    if (at < to) yield [at, null];
  }

  #runsAt(segment: Segment, place: number): Promise<TimedRuns> {
    const reading = this.#line.then(() => this.#read(segment, place));
    this.#line = reading;
    return reading;
  }

  /** The part that tells of a place, or the last one where none does. Never rejects. */
  async #read(segment: Segment, place: number): Promise<TimedRuns> {
    if (this.#segment !== segment.from) {
      this.forget();
      this.#segment = segment.from;
    }
    const starts = this.#starts;
    let runs = this.#runs;
    try {
      for (;;) {
        const start = starts.findLast(({ covered }) => covered <= place) ?? INDEX_BEGIN;
        if (runs.start !== start) runs = new TimedRuns(start);
        await this.#readOn(runs, segment);
        if (runs.isFull && starts.at(-1) === start) starts.push(runs.end);
        if (!runs.isFull || place < runs.covered) break;
      }
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#failed(error);
    }
    // Otherwise it was forgotten meanwhile.
    if (starts === this.#starts) {
      this.#runs = runs;
      this.#memory.keep(this, runs.count + starts.length);
    }
    return runs;
  }

  async #readOn(runs: TimedRuns, segment: Segment): Promise<void> {
    const end = indexBytes(segment);
    while (runs.bytes < end && !runs.isTorn && !runs.isFull) {
      const at = runs.bytes;
      const count = Math.min(INDEX_PIECE_BYTES, end - at);
      runs.read(
        await this.#files.use(segment.from, "times", false, (handle) => readAll(handle, at, count)),
      );
      if (runs.bytes === at) return;
    }
  }
}
