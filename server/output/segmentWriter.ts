/** Appends to an output's newest segments, bytes and their times: all of an append, or nothing of it stays. */

import type { Moment } from "../../shared/wire/logTimes.js";
import { diskRefusal } from "../machine/diskRefusal.js";
import { writeAll } from "../machine/fileBytes.js";
import type { SegmentFiles } from "./segmentFiles.js";
import { type Place, placesFor, type Segment, type SegmentPlan } from "./segments.js";
import { TimesWriter, takeBack } from "./timesWriter.js";

interface Begun {
  readonly segment: number;
  /** The length of the file before; null where there was none. */
  readonly length: number | null;
  /** The length of the index before, where more may be in it now. */
  times?: number;
}

export interface SegmentWriterParts {
  readonly files: SegmentFiles;
  readonly plan: SegmentPlan;
  /** An index may be another one than was read: that is to be forgotten. */
  readonly indexOpened: () => void;
  /** Hears why nobody will know when some bytes came. */
  readonly untimed: (error: unknown) => void;
}

export class SegmentWriter {
  readonly #parts: SegmentWriterParts;
  /** Bytes that a refused append left in the files: removed before the next append. */
  #leftovers: readonly Begun[] = [];
  /** The index of the newest segment. */
  #times: TimesWriter | null = null;
  #isUntimedTold = false;

  constructor(parts: SegmentWriterParts) {
    this.#parts = parts;
  }

  /**
   * The segments with `bytes` behind them; `at`: when they came, undefined where no times are kept. Rejects with SyncError where the disk
   * refuses the bytes; where it refuses their time alone, they have none.
   */
  async write(
    before: readonly Segment[],
    bytes: Uint8Array,
    from: number,
    at: Moment | undefined,
  ): Promise<Segment[]> {
    const { files, plan } = this.#parts;
    const segments = [...before];
    const begun: Begun[] = [];
    try {
      await this.#takeAwayLeftovers();
      await this.#openTimes(segments);
      const places = placesFor(from, bytes.length, segments.at(-1), plan);
      for (const { segment, position, count } of places) {
        const known = segments.at(-1)?.from === segment ? segments.pop()! : null;
        begun.push({ segment, length: known?.length ?? null });
        const start = position - from;
        await files.use(segment, "bytes", known === null, (handle) =>
          writeAll(handle, bytes.subarray(start, start + count), position - segment),
        );
        segments.push({ ...known, from: segment, length: position + count - segment });
      }
      const recording = this.#record(places, at, begun);
      // Behind the bytes: an open file goes on taking them where its folder was removed or replaced.
      await files.prove().finally(() => recording);
      const { times, lengths } = await recording;
      this.#times = times;
      return segments.map((segment) => {
        const length = lengths.get(segment.from);
        return length === undefined ? segment : { ...segment, times: length };
      });
    } catch (error) {
      this.#leftovers = [...this.#leftovers, ...begun];
      await this.#takeAwayLeftovers().catch(() => {});
      throw diskRefusal(error, "the output") ?? error;
    }
  }

  async #takeAwayLeftovers(): Promise<void> {
    const { files } = this.#parts;
    for (const { segment, length, times } of this.#leftovers) {
      if (length === null) {
        await files.remove(segment);
        continue;
      }
      await files.use(segment, "bytes", false, (handle) => handle.truncate(length));
      if (times !== undefined) await takeBack(files, segment, times);
    }
    this.#leftovers = [];
  }

  /** Before the first append to what a process before us left. */
  async #openTimes(segments: Segment[]): Promise<void> {
    const last = segments.at(-1);
    if (!last || this.#times?.segment === last.from) return;
    this.#times = await TimesWriter.open(this.#parts.files, last);
    segments[segments.length - 1] = { ...last, times: this.#times.end.bytes };
    this.#parts.indexOpened();
  }

  /** Never rejects. */
  async #record(places: readonly Place[], at: Moment | undefined, begun: readonly Begun[]) {
    const { files } = this.#parts;
    const lengths = new Map<number, number>();
    let times = this.#times;
    if (at === undefined) return { times, lengths };
    for (const [index, { segment, position, count }] of places.entries()) {
      // The index is as it was, should the bytes be refused.
      times = times?.segment === segment ? times.copy() : new TimesWriter(files, segment);
      begun[index]!.times = times.end.bytes;
      try {
        const start = position - segment;
        await times.record(start, start + count, at);
        this.#isUntimedTold = false;
      } catch (error) {
        if (!this.#isUntimedTold) this.#parts.untimed(error);
        this.#isUntimedTold = true;
      }
      lengths.set(segment, times.end.bytes);
    }
    return { times, lengths };
  }
}
