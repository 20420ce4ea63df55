/** Finds the lines `::output name=value` in what a command prints, before secrets are taken out of it. Bounded, whatever comes. */
import { StringDecoder } from "node:string_decoder";
import { MOST_MARKER_CHARACTERS, OUTPUT_MARKER } from "../../../../shared/markers.js";
import { begunLength } from "../../process/begunMark.js";

const MARKER = Buffer.from(OUTPUT_MARKER);
/** A character has at most four bytes. */
const MOST_LINE_BYTES = MOST_MARKER_CHARACTERS * 4;
const LINE_FEED = 10;
const RETURN = 13;

export interface OutputLines {
  /** Bytes cut anywhere. */
  add(bytes: Buffer): void;
  /** So many of the bytes wait for the rest of their line. */
  readonly waiting: number;
  /** A last line may lack its end. */
  end(): void;
}

/** `found` hears of each whole line without its end; of one that is far too long, of its beginning, which is too long as well. */
export function createOutputLines(found: (line: string) => void): OutputLines {
  /** The line at work, as long as it may be one of them. */
  let open: Buffer = Buffer.alloc(0);
  let isAtStart = true;

  const tell = (line: Buffer) => {
    const decoder = new StringDecoder("utf8");
    found(decoder.write(line.subarray(0, MOST_LINE_BYTES)) + decoder.end());
  };

  return {
    add(bytes) {
      const data = open.length === 0 ? bytes : Buffer.concat([open, bytes]);
      // The open line began at its start.
      const isFirstAtStart = open.length > 0 || isAtStart;
      const isStart = (at: number) => (at === 0 ? isFirstAtStart : isLineEnd(data[at - 1]));
      open = Buffer.alloc(0);
      let at = data.indexOf(MARKER);
      while (at !== -1) {
        const end = isStart(at) ? lineEndFrom(data, at) : at;
        if (end === -1) {
          // A copy: the bytes it came in are not kept for a few of them.
          open = Buffer.from(data.subarray(at, at + MOST_LINE_BYTES + 1));
          isAtStart = false;
          return;
        }
        if (end > at) tell(data.subarray(at, end));
        at = data.indexOf(MARKER, Math.max(end, at + 1));
      }
      const from = data.length - begunLength(data, MARKER);
      if (from < data.length && isStart(from)) open = Buffer.from(data.subarray(from));
      isAtStart = data.length === 0 ? isAtStart : isLineEnd(data.at(-1));
    },
    get waiting() {
      return open.length;
    },
    end() {
      if (open.length >= MARKER.length) tell(open);
      open = Buffer.alloc(0);
    },
  };
}

const isLineEnd = (byte: number | undefined): boolean => byte === LINE_FEED || byte === RETURN;

function lineEndFrom(data: Buffer, from: number): number {
  const feed = data.indexOf(LINE_FEED, from);
  const back = data.subarray(from, feed === -1 ? data.length : feed).indexOf(RETURN);
  return back === -1 ? feed : from + back;
}
