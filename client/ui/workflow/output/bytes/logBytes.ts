/** Parts of one attempt's output over REST, by their place among its bytes: what is before, what is behind, where a line begins. */
import { type InstepClient, type LogBytes, SyncError, wholeLength } from "../../../../index.js";

export interface LogName {
  readonly workflow_id: string;
  /** Tells it from other workflows that had this id. */
  readonly epoch: string | undefined;
  readonly step: number;
  readonly attempt: number;
}

/** Whole lines, but where the output itself begins or ends within one. */
export interface LogPart {
  readonly from: number;
  readonly next: number;
  readonly text: string;
  /** The offset behind each line end in the text. */
  readonly lineEnds: readonly number[];
  /** So many bytes are not kept between this part and the offset it was asked for by; 0 nearly always. */
  readonly missing: number;
  /** Nothing more is there in that direction. */
  readonly isLast: boolean;
}

export interface LineStart {
  /** From 1. */
  readonly line: number;
  /** Where it begins. */
  readonly offset: number;
}

/** Where a walk over the lines is to end: at a line, at an offset, or at the end of the output. */
export interface WalkEnd {
  readonly line?: number;
  readonly offset?: number;
}

/** Where a walk over the lines came to; `isThere`: as far as it was wanted. */
export interface Walked extends LineStart {
  readonly isThere: boolean;
}

export interface LogParts {
  /** Reads the part before an offset: `most` lines (some thousands where missing) out of `size` bytes. */
  before(offset: number, most?: number, size?: number): Promise<LogPart>;
  /** From one offset on, and not beyond another. */
  after(offset: number, until: number, most?: number, size?: number): Promise<LogPart>;
  /** Counts lines from a known place to a line or an offset. */
  walk(from: LineStart, to: WalkEnd): Promise<Walked>;
  /** Where the output ends now, before a character that is not whole yet. */
  end(): Promise<number>;
}

export const FIRST_LINE: LineStart = { line: 1, offset: 0 };

/** The size of a part that is shown: over a slow link each kilobyte is waited for. */
const SHOWN_BYTES = 64 * 1024;
/** The size of a part that is looked through, or copied. */
export const PART_BYTES = 256 * 1024;
const WALK_BYTES = 1024 * 1024;
const MOST_LINES = 2_000;
const DEADLINE_MS = 60_000;
const LINE_END = 10;
/** In bytes of UTF-8. */
const LONGEST_CHARACTER = 4;

export function createLogParts(
  rest: Pick<InstepClient["rest"], "log">,
  { workflow_id, epoch, step, attempt }: LogName,
  signal: AbortSignal,
): LogParts {
  const all = { epoch, attempt, signal, deadlineMs: DEADLINE_MS };
  const range: ReadRange = async (from, to) => {
    try {
      return (await rest.log(workflow_id, step, { ...all, from, to })).bytes;
    } catch (error) {
      if (error instanceof SyncError && error.code === "no_such_range") return null;
      throw error;
    }
  };
  return {
    before: (offset, most = MOST_LINES, size = SHOWN_BYTES) =>
      partBefore(range, offset, most, size),
    after: (offset, until, most = MOST_LINES, size = SHOWN_BYTES) =>
      partAfter(range, { offset, until }, most, size),
    walk: (from, to) => walkLines(range, from, to),

    async end() {
      // From the start of a line or a character: what is not whole there is cut.
      const { next, bytes } = await rest.log(workflow_id, step, {
        ...all,
        tail: LONGEST_CHARACTER,
      });
      return next - (bytes.length - wholeLength(bytes));
    },
  };
}

/** Gives the bytes from one offset up to another; null where one of them is not kept. */
type ReadRange = (from: number, to: number) => Promise<LogBytes["bytes"] | null>;

/** Between an offset that is kept and one that is not: the outermost that is. */
async function edgeBetween(
  there: number,
  missing: number,
  isThere: (at: number) => Promise<boolean>,
): Promise<number> {
  let [kept, lost] = [there, missing];
  while (Math.abs(kept - lost) > 1) {
    const middle = (kept + lost) >> 1;
    if (await isThere(middle)) kept = middle;
    else lost = middle;
  }
  return kept;
}

const isByteKept = (range: ReadRange) => async (at: number) => (await range(at, at + 1)) !== null;

async function partBefore(
  range: ReadRange,
  offset: number,
  most: number,
  size: number,
): Promise<LogPart> {
  if (offset <= 0) return nothing(0);
  const from = Math.max(0, offset - size);
  const bytes = await range(from, offset);
  if (bytes) {
    const begin = from === 0 ? 0 : lineStart(bytes);
    return newestLines(part(bytes.subarray(begin), from + begin, from === 0), most);
  }
  if (await range(offset - 1, offset)) {
    const isKept = async (at: number) => (await range(at, offset)) !== null;
    const begin = await edgeBetween(offset - 1, from, isKept);
    const kept = await range(begin, offset);
    return newestLines(part(kept ?? new Uint8Array(), begin, false), most);
  }
  if (!(await range(0, 1))) return { ...nothing(0), missing: offset };
  // The bytes that were left out lie between the head and the newest.
  const headEnd = (await edgeBetween(0, offset - 1, isByteKept(range))) + 1;
  return { ...(await partBefore(range, headEnd, most, size)), missing: offset - headEnd };
}

async function partAfter(
  range: ReadRange,
  { offset, until }: { readonly offset: number; readonly until: number },
  most: number,
  size: number,
): Promise<LogPart> {
  if (offset >= until) return nothing(offset);
  const to = Math.min(offset + size, until);
  const bytes = await range(offset, to);
  if (bytes) {
    const isLast = to === until || bytes.length < to - offset;
    const whole = isLast ? bytes : bytes.subarray(0, lineEnd(bytes));
    return oldestLines(part(whole, offset, isLast), most);
  }
  if (await range(offset, offset + 1)) {
    const isKept = async (at: number) => (await range(offset, at)) !== null;
    const end = await edgeBetween(offset + 1, to, isKept);
    return oldestLines(part((await range(offset, end)) ?? new Uint8Array(), offset, false), most);
  }
  if (!(await range(until - 1, until))) return { ...nothing(until), missing: until - offset };
  const tailStart = await edgeBetween(until - 1, offset, isByteKept(range));
  const tail = await partAfter(range, { offset: tailStart, until }, most, size);
  return { ...tail, missing: tailStart - offset };
}

async function walkLines(
  range: ReadRange,
  { line, offset }: LineStart,
  { line: wanted = Number.POSITIVE_INFINITY, offset: limit }: WalkEnd,
): Promise<Walked> {
  const last = limit ?? Number.POSITIVE_INFINITY;
  for (let at = offset; line < wanted && at < last; ) {
    const to = Math.min(at + WALK_BYTES, last);
    const bytes = await range(at, to);
    if (!bytes) return { line, offset, isThere: false };
    for (let found = bytes.indexOf(LINE_END); found !== -1 && line < wanted; ) {
      line += 1;
      offset = at + found + 1;
      found = bytes.indexOf(LINE_END, found + 1);
    }
    at += bytes.length;
    if (at < to && line < wanted) return { line, offset, isThere: false };
  }
  return { line, offset, isThere: line >= wanted || wanted === Number.POSITIVE_INFINITY };
}

function part(bytes: Uint8Array, from: number, isLast: boolean): LogPart {
  const lineEnds: number[] = [];
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1))
    lineEnds.push(from + at + 1);
  return { from, next: from + bytes.length, text: decode(bytes), lineEnds, missing: 0, isLast };
}

const nothing = (offset: number): LogPart => part(new Uint8Array(), offset, true);

/** Without `ignoreBOM` each part would lose one at its start. */
const decode = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Behind the first line end; where none is, or only the last byte is one, behind a character that was cut. */
function lineStart(bytes: Uint8Array): number {
  const start = bytes.indexOf(LINE_END) + 1;
  if (start > 0 && start < bytes.length) return start;
  let at = 0;
  while (at < 3 && isContinuation(bytes[at])) at += 1;
  return at;
}

/** Behind the last line end; where none is, before the last character. */
function lineEnd(bytes: Uint8Array): number {
  const end = bytes.lastIndexOf(LINE_END) + 1;
  if (end > 0) return end;
  let at = bytes.length - 1;
  while (at > bytes.length - 4 && isContinuation(bytes[at])) at -= 1;
  return at;
}

const isContinuation = (byte = 0): boolean => (byte & 0xc0) === 0x80;

function newestLines(whole: LogPart, most: number): LogPart {
  const { lineEnds, from } = whole;
  if (lineEnds.length <= most) return whole;
  const start = lineEnds.at(-most - 1) ?? from;
  const text = whole.text.slice(placeOf(whole.text, lineEnds.length - most));
  return { ...whole, from: start, text, lineEnds: lineEnds.slice(-most), isLast: false };
}

function oldestLines(whole: LogPart, most: number): LogPart {
  const { lineEnds } = whole;
  if (lineEnds.length <= most) return whole;
  const text = whole.text.slice(0, placeOf(whole.text, most));
  const next = lineEnds[most - 1]!;
  return { ...whole, next, text, lineEnds: lineEnds.slice(0, most), isLast: false };
}

/** Behind so many line ends. */
function placeOf(text: string, lineEnds: number): number {
  let at = 0;
  for (let count = 0; count < lineEnds; count++) at = text.indexOf("\n", at) + 1;
  return at;
}
