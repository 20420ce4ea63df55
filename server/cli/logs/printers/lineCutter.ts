/** Cuts output into lines, and says of each when it began. */
import type { LogTimes, Moment } from "../../../../shared/wire/logTimes.js";

/** A part of one line: `begins` and `ends` say which of its ends are in it. The line end belongs to the line. */
export interface LinePart {
  readonly begins: boolean;
  readonly ends: boolean;
  /** When the first byte of this part came; null where nobody knows. */
  readonly at: Moment;
  readonly bytes: Uint8Array;
}

export interface LineCutter {
  /** A line has begun, and its end has not come. */
  readonly isWithin: boolean;
  /** The next bytes, which begin at that offset; `times` are in order. */
  parts(bytes: Uint8Array, from: number, times: LogTimes): LinePart[];
  /** Makes the next bytes begin a line. */
  breakOff(): void;
}

const NEWLINE = 10;

export function createLineCutter(): LineCutter {
  let isWithin = false;
  return {
    get isWithin() {
      return isWithin;
    },
    parts(bytes, from, times) {
      const parts: LinePart[] = [];
      let entry = 0;
      for (let start = 0; start < bytes.length; ) {
        const newline = bytes.indexOf(NEWLINE, start);
        const end = newline === -1 ? bytes.length : newline + 1;
        while (entry + 1 < times.length && times[entry + 1]![0] <= from + start) entry += 1;
        const [offset, at] = times[entry] ?? [Number.POSITIVE_INFINITY, null];
        parts.push({
          begins: !isWithin,
          ends: newline !== -1,
          at: offset <= from + start ? at : null,
          bytes: bytes.subarray(start, end),
        });
        isWithin = newline === -1;
        start = end;
      }
      return parts;
    },
    breakOff() {
      isWithin = false;
    },
  };
}
