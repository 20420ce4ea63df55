/** Runs of output as an index file has them, written as a server does: one record behind the other. */
import { encodeRecord, INDEX_BEGIN, type IndexPlace } from "../../../server/output/indexRecords.js";
import type { Moment } from "../../../shared/wire/logTimes.js";

/** So many bytes that came at a moment. */
export interface Run {
  readonly count: number;
  readonly at: Moment;
}

/** What is written for `runs` behind a place of an index. */
export function encodedRuns(runs: readonly Run[], begin: IndexPlace = INDEX_BEGIN): Uint8Array {
  const bytes: number[] = [];
  let { covered, last, isChecked } = begin;
  for (const { count, at } of runs) {
    bytes.push(...encodeRecord({ bytes: 0, covered, last, isChecked }, count, at));
    covered += count;
    last = at ?? last;
    isChecked = true;
  }
  return Uint8Array.from(bytes);
}
