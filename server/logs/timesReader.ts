/** Reads when output came from the indexes of one output, and remembers what it read of one of them. */

import type { LogTimes, TimedOffset } from "../../shared/logTimes.js";
import { errorCode } from "../state/disk.js";
import { readAll } from "./fileBytes.js";
import type { SegmentFiles } from "./segmentFiles.js";
import { endOf, indexBytes, type Segment } from "./segments.js";
import { TimedRuns } from "./timedRuns.js";
import type { TimesMemory } from "./timesMemory.js";

/** What is known of some bytes. */
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
  /** One reading after the other. */
  #line: Promise<unknown> = Promise.resolve();

  /** `failed`: hears of an index that cannot be read, which is as good as none. */
  constructor(files: SegmentFiles, memory: TimesMemory, failed: (error: unknown) => void) {
    this.#files = files;
    this.#memory = memory;
    this.#failed = failed;
  }

  /** At most `most` entries. What was left out and what has no index is without a time. */
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

  /** What was read is forgotten. */
  forget(): void {
    this.#segment = null;
    this.#runs = new TimedRuns();
  }

  async *#all(segments: readonly Segment[], from: number, to: number): AsyncGenerator<TimedOffset> {
    let at = from;
    for (const segment of segments) {
      const until = Math.min(to, endOf(segment));
      if (until <= at) continue;
      if (at < segment.from) yield [at, null];
      at = Math.max(at, segment.from);
      const runs = await this.#runsOf(segment);
      for (const [offset, moment] of runs.between(at - segment.from, until - segment.from))
        yield [segment.from + offset, moment];
      const told = Math.max(at, segment.from + runs.covered);
      if (told < until) yield [told, null];
      at = until;
    }
    if (at < to) yield [at, null];
  }

  #runsOf(segment: Segment): Promise<TimedRuns> {
    const reading = this.#line.then(() => this.#read(segment));
    this.#line = reading;
    return reading;
  }

  /** Never rejects. */
  async #read(segment: Segment): Promise<TimedRuns> {
    if (this.#segment !== segment.from) {
      this.forget();
      this.#segment = segment.from;
    }
    const runs = this.#runs;
    const end = indexBytes(segment);
    if (runs.bytes >= end || runs.isTorn) return runs;
    try {
      const piece = await this.#files.use(segment.from, "times", false, (handle) =>
        readAll(handle, runs.bytes, end - runs.bytes),
      );
      runs.read(piece);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#failed(error);
    }
    if (runs === this.#runs) this.#memory.keep(this, runs.count);
    return runs;
  }
}
