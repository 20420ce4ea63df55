/** Reads the journal's folder at the start: which files count, and what they say. */
import { join } from "node:path";
import type { Disk } from "../../machine/disk.js";
import { type Content, readSegment, type SegmentContent } from "./segmentContent.js";
import { numberIn, segmentNumberOf } from "./segmentName.js";

/** A file of the journal that is not written any more. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Bytes of whole lines: what stands behind them does not count. */
  readonly end: number;
  /** Acknowledged lines of it are missing: the file is kept for people. */
  readonly isDamaged: boolean;
}

/** The journal as a start finds it. */
export interface ReadJournal {
  /** In order. */
  readonly contents: readonly Content[];
  readonly segments: readonly Segment[];
  /** Files that do not count: a write that never became durable, or what was to be removed already. */
  readonly stale: readonly string[];
  /** The number of the next file. */
  readonly nextSegment: number;
  /** The number of the next line. */
  readonly nextLine: number;
}

interface FoundSegment {
  readonly number: number;
  readonly path: string;
  readonly bytes: Buffer;
}

/** Changes nothing. Rejects where the folder or a file in it cannot be read: without them nobody knows what is so. */
export async function readJournalFolder(disk: Disk, folder: string): Promise<ReadJournal> {
  const found: FoundSegment[] = [];
  const names = (await disk.list(folder)).sort();
  for (const name of names) {
    const number = segmentNumberOf(name);
    const path = join(folder, name);
    const bytes = number === null ? null : await disk.readBytes(path);
    if (number !== null && bytes) found.push({ number, path, bytes });
  }
  const counted = countedOf(found);
  const contents: Content[] = [];
  const segments: Segment[] = [];
  let next: number | null = null;
  for (const { number, path, bytes } of counted) {
    const content: SegmentContent = readSegment(bytes, next);
    contents.push(...content.contents);
    next = content.next;
    segments.push({ number, path, end: content.end, isDamaged: content.isDamaged });
  }
  return {
    contents,
    segments,
    stale: found
      .filter(({ path }) => !segments.some((one) => one.path === path))
      .map(({ path }) => path),
    nextSegment: Math.max(0, ...names.map(numberIn)) + 1,
    nextLine: next ?? 1,
  };
}

/** Each file says which one is before it and how much of that counts: one that no later file counts was refused, or was to be removed. */
function countedOf(found: readonly FoundSegment[]): FoundSegment[] {
  const counted: FoundSegment[] = [];
  let before: { segment: number; bytes: number } | null = null;
  let isAllSkipped = false;
  for (const one of found.toReversed()) {
    if (isAllSkipped || (before && one.number > before.segment)) continue;
    // The file that was to be before is gone already, and so this one was to go.
    if (before && one.number < before.segment) break;
    const bytes: Buffer = before ? one.bytes.subarray(0, before.bytes) : one.bytes;
    const { head, contents } = readSegment(bytes, null);
    const isNothing = head === null && contents.length === 0;
    if (isNothing && !before) continue;
    counted.unshift({ ...one, bytes });
    isAllSkipped = head !== null && head.after === null;
    before = head?.after ?? null;
  }
  return counted;
}
