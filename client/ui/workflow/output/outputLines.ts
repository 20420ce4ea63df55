/** Makes lines to look at of what a program printed: `\r` and backspace done, colours kept beside the text, each line with its place in the output. */
import { createTerminalReader, type Marker, parseMarker } from "../../../index.js";
import { createPen, type Look, PLAIN } from "./looks.js";
import { restyled, type Stretch, shortened } from "./stretches.js";

export interface OutputLine {
  /** "gap" is ours: something is missing before the next line. */
  readonly kind: "text" | "gap";
  readonly text: string;
  /** Null where all of it is plain. */
  readonly stretches: readonly Stretch[] | null;
  /** Counts line ends from the origin of its reading: parts of one long line share it. Below the origin for what was read later. */
  readonly line: number;
  readonly part: number;
  /** Where the line begins among the bytes; null where bytes that are no UTF-8 hide it. */
  readonly offset: number | null;
  readonly marker: Marker | null;
}

/** A name for a line while the page is open. */
export const keyOf = ({ line, part }: Pick<OutputLine, "line" | "part">): string =>
  `${line}.${part}`;

/** Whether reading can begin or end exactly before it. */
export const isStart = ({ kind, part, offset }: OutputLine): boolean =>
  kind === "text" && part === 0 && offset !== null;

export interface LineWriter {
  /** `lineEnds`: for each line end in the text, the offset behind it; null where they are not known. */
  write(text: string, lineEnds: readonly number[] | null): void;
  /** Something is missing here; what comes next begins at `offset`. */
  gap(text: string, offset: number): void;
  /** The line at work; null where nothing of it came yet. */
  open(): OutputLine | null;
  /** The count of the line at work. */
  readonly line: number;
}

/** What stands behind something that is missing is so far away: how many lines there were, nobody knows. */
export const FAR = 1_000_000_000;
/** The lines of two readings are so far apart that none has the name of another's. */
const READINGS_APART = 100 * FAR;

/** Where the lines of the nth reading are counted from. */
export const originOf = (reading: number): number => reading * READINGS_APART;

/** A line without an end goes on in the next one. */
export const LONGEST_LINE = 8_192;

export interface WriterStart {
  readonly line: number;
  readonly offset: number | null;
}

export function createLineWriter(start: WriterStart, full: (line: OutputLine) => void): LineWriter {
  const pen = createPen();
  let { line, offset } = start;
  let part = 0;
  let text = "";
  let stretches: readonly Stretch[] | null = null;
  let column = 0;
  /** What is behind the next line end. */
  let nextOffset: number | null = null;

  const endPart = () => {
    full(current());
    text = "";
    stretches = null;
    column = 0;
  };
  const endLine = () => {
    endPart();
    line += 1;
    part = 0;
    offset = nextOffset;
  };
  const put = (run: string, look: Look) => {
    const end = column + run.length;
    if (look !== PLAIN || stretches)
      stretches = restyled(stretches, column, end, text.length, look);
    // Appending, as nearly always, must not copy the line.
    text = column === text.length ? text + run : text.slice(0, column) + run + text.slice(end);
    column = end;
  };
  const current = (): OutputLine => {
    const marker = part === 0 ? parseMarker(text) : null;
    return { kind: "text", text, stretches, line, part, offset, marker };
  };

  const reader = createTerminalReader({
    text(run) {
      for (let left = run; left !== ""; ) {
        const room = LONGEST_LINE - column;
        put(left.slice(0, room), pen.look);
        left = left.slice(room);
        if (left === "") return;
        endPart();
        part += 1;
      }
    },
    control(code) {
      if (code === "\n") endLine();
      else column = code === "\r" ? 0 : Math.max(0, column - 1);
    },
    sequence(final, parameters) {
      if (final === "m") pen.style(parameters);
      // What a progress bar does between two writings of its line.
      if (final !== "K") return;
      if (parameters === "" || parameters === "0") {
        text = text.slice(0, column);
        stretches = shortened(stretches, column);
      }
      if (parameters === "2") {
        text = "".padEnd(column);
        stretches = null;
      }
    },
    command: (said) => pen.command(said),
  });

  return {
    write(printed, lineEnds) {
      let at = 0;
      let count = 0;
      // Each line end ends a line, whatever sequence it stands in.
      for (let end = printed.indexOf("\n"); end !== -1; end = printed.indexOf("\n", at)) {
        nextOffset = lineEnds?.[count] ?? null;
        reader.write(printed.slice(at, end + 1));
        at = end + 1;
        count += 1;
      }
      reader.write(printed.slice(at));
    },
    gap(said, next) {
      nextOffset = null;
      if (text !== "") endLine();
      line += FAR;
      full({
        kind: "gap",
        text: said,
        stretches: null,
        line,
        part: -1,
        offset: null,
        marker: null,
      });
      part = 0;
      offset = next;
    },
    open: () => (text === "" ? null : current()),
    get line() {
      return line;
    },
  };
}
