/** What a step's output says of its progress: marker lines, a pattern, and the newest line. Bounded, whatever is printed. */
import type { Clock } from "../../shared/clock.js";
import { type Marker, spokenLine } from "../../shared/markers.js";
import { printable } from "./printable.js";
import { createProgressReader } from "./progressPattern.js";

export interface OutputWords {
  marker(marker: Marker): void;
  /** 0 to 1. */
  progress(part: number): void;
  /** The newest line that says something. */
  line(line: string): void;
}

/** A longer line is no marker, and only its beginning is looked at. */
const LINE_CHARACTERS = 4_096;
/** Of a piece of output, a pattern is only looked for in the newest lines: the newest progress counts. */
const NEWEST_LINES = 20;

export interface OutputReader {
  /** Text cut anywhere. */
  add(text: string): void;
  /** A last line may lack its end. */
  end(): void;
}

/** `pattern` as in a definition's `progress`. */
export function createOutputReader(
  pattern: string | undefined,
  words: OutputWords,
  clock: Pick<Clock, "elapsed">,
): OutputReader {
  const progress = createProgressReader(pattern, clock);
  let open = "";

  const look = (pieces: readonly string[]) => {
    for (const piece of pieces) {
      const { marker } = spokenLine(piece);
      if (marker) words.marker(marker);
    }
    const newest = pieces.slice(-NEWEST_LINES).reverse();
    const said = newest.map((piece) => spokenLine(piece).text).find((text) => /\S/.test(text));
    if (said !== undefined) {
      const line = printable(said).trim();
      if (line !== "") words.line(line);
    }
    const part = progress?.read(newest) ?? null;
    if (part !== null) words.progress(part);
  };

  return {
    add(text) {
      // A progress bar rewrites its line with \r: each writing counts as a line.
      const pieces = (open + text).split(/\r\n|\n|\r/);
      const rest = pieces.pop() ?? "";
      open = rest.slice(0, LINE_CHARACTERS);
      // What is being written to a line says how far it is, though the line has no end yet.
      const isMarker = rest.startsWith("::") || spokenLine(rest).marker !== null;
      look(rest === "" || isMarker ? pieces : [...pieces, rest]);
    },
    end() {
      if (open !== "") look([open]);
      open = "";
      const part = progress?.end() ?? null;
      if (part !== null) words.progress(part);
    },
  };
}
