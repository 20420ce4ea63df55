/** How an attempt's output lies on disk: files of one length, the first ones kept, of the others the newest. Pure. */
import type { SegmentPart } from "./segmentFiles.js";

/** Bytes from `from` on. */
export interface Segment {
  readonly from: number;
  readonly length: number;
  /** Bytes of the index that says when they came; none where it is missing. */
  readonly times?: number;
}

/** One half of the limit is for the beginning, one for the newest; each is so many segments. */
const SEGMENTS_A_HALF = 8;

/** How long segments are, and how many of them stay. */
export interface SegmentPlan {
  readonly segmentBytes: number;
  /** Up to here everything stays. */
  readonly headBytes: number;
}

/** Some bytes of an append, and the segment they go to. */
export interface Place {
  readonly segment: number;
  readonly position: number;
  readonly count: number;
}

/** The plan for an output of at most so many bytes. */
export function planFor(outputBytes: number): SegmentPlan {
  const segmentBytes = Math.max(1, Math.floor(outputBytes / (2 * SEGMENTS_A_HALF)));
  return { segmentBytes, headBytes: segmentBytes * SEGMENTS_A_HALF };
}

/** The offset behind a segment's last byte. */
export const endOf = ({ from, length }: Segment): number => from + length;

/** How long a segment's index is; 0 where it has none. */
export const indexBytes = ({ times }: Segment): number => times ?? 0;

const BLOCK_BYTES = 4096;

/** A file takes whole blocks, and at least one: the bytes' own, and their index's where there is one. */
export const bytesOnDisk = (segments: readonly Segment[]): number =>
  segments.reduce(
    (sum, segment) => sum + blocksOf(Math.max(1, segment.length)) + blocksOf(indexBytes(segment)),
    0,
  );

const blocksOf = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

/** Where `count` bytes at `position` go to. A new segment begins at each multiple of the segments' length. */
export function placesFor(
  position: number,
  count: number,
  last: Segment | undefined,
  { segmentBytes }: SegmentPlan,
): Place[] {
  const places: Place[] = [];
  let segment = last?.from ?? position;
  for (let at = position; at < position + count; ) {
    if (at % segmentBytes === 0) segment = at;
    const room = segmentBytes - (at % segmentBytes);
    const piece = Math.min(room, position + count - at);
    places.push({ segment, position: at, count: piece });
    at += piece;
  }
  return places;
}

/** Parts `segments` (in order) into those that stay and those that are left out: the oldest behind the head. */
export function keptOf(
  segments: readonly Segment[],
  { headBytes }: SegmentPlan,
): { kept: Segment[]; leftOut: Segment[] } {
  const head = segments.filter(({ from }) => from < headBytes);
  const rest = segments.slice(head.length);
  const newest = rest.slice(-SEGMENTS_A_HALF);
  return { kept: [...head, ...newest], leftOut: rest.slice(0, rest.length - newest.length) };
}

/** In order, and each ending where the next begins at the latest, whatever a crash left behind. */
export function inOrder(found: readonly Segment[]): Segment[] {
  const sorted = found.toSorted((a, b) => a.from - b.from);
  return sorted.map((segment, i) => {
    const next = sorted[i + 1]?.from ?? Number.POSITIVE_INFINITY;
    return { ...segment, length: Math.min(segment.length, next - segment.from) };
  });
}

interface SegmentName {
  readonly step: number;
  readonly attempt: number;
  readonly from: number;
  readonly part: SegmentPart;
}

const ENDINGS = { bytes: "log", times: "times" } as const;

/** The file name of a segment, or of its index. */
export const segmentName = ({ step, attempt, from, part }: SegmentName): string =>
  `step-${step}.attempt-${attempt}.from-${from}.${ENDINGS[part]}`;

/** Null for a file that is none of ours. */
export function parseSegmentName(name: string): SegmentName | null {
  const match = /^step-(\d{1,16})\.attempt-(\d{1,16})\.from-(\d{1,16})\.(log|times)$/.exec(name);
  if (!match) return null;
  const part = match[4] === ENDINGS.times ? "times" : "bytes";
  return { step: Number(match[1]), attempt: Number(match[2]), from: Number(match[3]), part };
}
