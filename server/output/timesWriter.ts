/** The index of the newest segment of an output: says when its bytes came, never more than is kept of them, and refuses none of them. */

import type { FileHandle } from "node:fs/promises";
import type { Moment } from "../../shared/wire/logTimes.js";
import { readAll, writeAll } from "../machine/fileBytes.js";
import { encodeRecord, INDEX_BEGIN, type IndexPlace } from "./indexRecords.js";
import type { SegmentFiles } from "./segmentFiles.js";
import { indexBytes, type Segment } from "./segments.js";
import { INDEX_PIECE_BYTES, TimedRuns } from "./timedRuns.js";

export class TimesWriter {
  /** Where the segment begins. */
  readonly segment: number;
  readonly #files: SegmentFiles;
  #end: IndexPlace;
  /** A part of a refused record may be behind the end. */
  #isToBeCut = false;

  /**
   * For a segment that is to be appended to. What a crash left in its index beyond the bytes that were kept is off the disk once it
   * resolves, so that it is never taken for the time of other bytes. Rejects where the disk refuses that.
   */
  static async open(files: SegmentFiles, segment: Segment): Promise<TimesWriter> {
    const { from } = segment;
    if (indexBytes(segment) === 0) return new TimesWriter(files, from);
    try {
      return new TimesWriter(files, from, await cutToBytes(files, segment));
    } catch {
      // Without an index no time is known, which is better than a wrong one.
      await files.removeTimes(from);
      return new TimesWriter(files, from);
    }
  }

  constructor(files: SegmentFiles, segment: number, end: IndexPlace = INDEX_BEGIN) {
    this.#files = files;
    this.segment = segment;
    this.#end = end;
  }

  get end(): IndexPlace {
    return this.#end;
  }

  /** Goes on for itself. */
  copy(): TimesWriter {
    const copy = new TimesWriter(this.#files, this.segment, this.#end);
    copy.#isToBeCut = this.#isToBeCut;
    return copy;
  }

  /** The segment's bytes from `start` up to `end` came at a moment. Where it rejects, nobody will know when they came. */
  async record(start: number, end: number, at: Moment): Promise<void> {
    if (this.#isToBeCut) await takeBack(this.#files, this.segment, this.#end.bytes);
    const { bytes, covered } = this.#end;
    const records: number[] = [];
    let place = this.#end;
    if (start > covered) place = put(records, place, start, null);
    place = put(records, place, end, at);
    this.#isToBeCut = true;
    await this.#files.use(this.segment, "times", bytes === 0, (handle) =>
      writeAll(handle, Uint8Array.from(records), bytes),
    );
    this.#isToBeCut = false;
    this.#end = place;
  }
}

/** Puts a record behind `place`, which tells of the bytes up to `until`, and says where it ends. */
function put(records: number[], place: IndexPlace, until: number, at: Moment): IndexPlace {
  const record = encodeRecord(place, until - place.covered, at);
  records.push(...record);
  return {
    bytes: place.bytes + record.length,
    covered: until,
    last: at ?? place.last,
    isChecked: true,
  };
}

/** An index has so many bytes and no more. */
export async function takeBack(files: SegmentFiles, segment: number, bytes: number): Promise<void> {
  if (bytes === 0) await files.removeTimes(segment);
  else await files.use(segment, "times", false, (handle) => handle.truncate(bytes));
}

function cutToBytes(files: SegmentFiles, segment: Segment): Promise<IndexPlace> {
  const { from, length } = segment;
  const found = indexBytes(segment);
  return files.use(from, "times", false, async (handle) => {
    const { end, beyond } = await lastRuns(handle, found, length);
    if (end.bytes === found) return end;
    await handle.truncate(end.bytes);
    // Only the first of the bytes that the last record tells of were kept.
    const rest: number[] = [];
    const isCut = beyond !== undefined && end.covered < length;
    const place = isCut ? put(rest, end, length, beyond) : end;
    await writeAll(handle, Uint8Array.from(rest), end.bytes);
    // Before anything is appended: a power cut must not bring it back.
    await handle.datasync();
    return place;
  });
}

/** The last part of an index, as far as it tells of `length` bytes of output and is whole. */
async function lastRuns(handle: FileHandle, found: number, length: number): Promise<TimedRuns> {
  let runs = new TimedRuns();
  for (;;) {
    const at = runs.bytes;
    runs.read(await readAll(handle, at, Math.min(INDEX_PIECE_BYTES, found - at)), length);
    if (runs.isFull) runs = new TimedRuns(runs.end);
    else if (runs.bytes === at || runs.bytes === found) return runs;
  }
}
