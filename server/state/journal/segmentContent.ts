/** Reads one file of the journal: its whole lines in order, and whether lines are missing that had been acknowledged. */
import { decodeLine, type NumberedLine } from "./lines.js";

const LINE_BREAK = 0x0a;

/** The first line of each file. */
export interface SegmentHead {
  /** The file before it, as far as that counts: what stands behind its `bytes` was refused. Null where nothing before it counts. */
  readonly after: { readonly segment: number; readonly bytes: number } | null;
}

/** The content of a line. A text stands where an acknowledged line should: a later write followed it, and so it was durable once. */
export type Content = NumberedLine["content"] | string;

export interface SegmentContent {
  /** Null where the first line is not whole. */
  readonly head: SegmentHead | null;
  readonly contents: readonly Content[];
  readonly isDamaged: boolean;
  /** Where the last whole line ends. */
  readonly end: number;
  /** The number that the line after the last has; null where there is none. */
  readonly next: number | null;
}

/**
 * `expected` is the number of the first line, null where that is not known. A write that a crash cut short leaves lines of its own batch broken,
 * which nobody was told of: those and all lines of the same batch behind them are left out. A broken line before a later batch is damage.
 */
export function readSegment(bytes: Buffer, expected: number | null): SegmentContent {
  const contents: Content[] = [];
  let isDamaged = false;
  let head: SegmentHead | null = null;
  let suspect: string[] = [];
  let next = expected;
  let end = 0;
  for (const { line, text, stop } of chunksOf(bytes)) {
    if (!line) {
      suspect.push(text());
      continue;
    }
    const wanted: number = next ?? (suspect.length > 0 ? line.batch : line.number);
    if (line.number < wanted) continue;
    const isComplete = suspect.length === 0 && line.number === wanted;
    if (!isComplete && line.batch <= wanted) {
      next = wanted;
      suspect.push("");
      continue;
    }
    if (!isComplete) {
      contents.push(...suspect, "");
      isDamaged = true;
    }
    suspect = [];
    next = line.number + 1;
    end = stop;
    if (isHead(line.content)) head = line.content;
    else contents.push(line.content);
  }
  return { head, contents, isDamaged, end, next };
}

function isHead(
  content: NumberedLine["content"],
): content is NumberedLine["content"] & SegmentHead {
  return "after" in content;
}

function* chunksOf(bytes: Buffer) {
  for (let start = firstNotZero(bytes, 0); start < bytes.length; ) {
    const at = bytes.indexOf(LINE_BREAK, start);
    const stop = at === -1 ? bytes.length : at + 1;
    const chunk = bytes.subarray(start, at === -1 ? bytes.length : at);
    yield { line: at === -1 ? null : decodeLine(chunk), text: () => chunk.toString(), stop };
    start = firstNotZero(bytes, stop);
  }
}

function firstNotZero(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at;
}
