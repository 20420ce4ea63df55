/** Makes lines to look at of what a program printed, as a terminal shows it: colours beside the text, each line with its place in the output. */
import { type Marker, parseMarker, Screen, type TerminalRow } from "../../../../index.js";
import { createPen, type Look, PLAIN } from "./looks.js";
import type { Stretch } from "./stretches.js";

export interface OutputLine {
  /**
   * "gap" is ours: something is missing before the next line. "above": what is read here writes over a line that stands before
   * it, of which nothing else is known.
   */
  readonly kind: "text" | "gap" | "above";
  readonly text: string;
  /** Null where all of it is plain. */
  readonly stretches: readonly Stretch[] | null;
  /**
   * Counts line ends from the origin of its reading, also those that only led down to a line that was there: parts of one long line share it.
   * Below the origin for what was read later.
   */
  readonly line: number;
  /** Lines are in the order of `line` and `part`. Below 0 where it is a line "above", by how far. */
  readonly part: number;
  /** It is no rest of the part before it: a program moved there. */
  readonly isApart?: boolean | undefined;
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

/** Where lines go. */
export interface LineSink {
  append(line: OutputLine): void;
  /** In the place of the line of that name: it was written over. One "above" may be new. */
  put(line: OutputLine): void;
}

export interface LineWriter {
  /** `lineEnds`: for each line end in the text, the offset behind it; null where they are not known. */
  write(text: string, lineEnds: readonly number[] | null): void;
  /** Something is missing here; what comes next begins at `offset`. */
  gap(text: string, offset: number): void;
  /** The lowest line; null where nothing of it came yet. */
  open(): OutputLine | null;
  /** The count of the line at work. */
  readonly line: number;
  /** So many lines stand below the cursor. */
  readonly below: number;
}

/** Lines behind a gap have counts this far away: nobody knows how many lines were missing. */
export const FAR = 1_000_000_000;
/** The lines of two readings are so far apart that none has the name of another's. */
const READINGS_APART = 100 * FAR;

/** Where the lines of the nth reading are counted from. */
export const originOf = (reading: number): number => reading * READINGS_APART;

/** A line without an end goes on in the next one. */
export const LONGEST_LINE = 8_192;
/** A gap stands before the lines "above" those that follow it. */
export const GAP_PART = -100;

export interface WriterStart {
  readonly line: number;
  readonly offset: number | null;
  /** The lines that stand before, where they are known. */
  readonly before?: readonly OutputLine[];
}

interface WritePoint extends Pick<OutputLine, "kind" | "isApart"> {
  line: number;
  part: number;
  offset: number | null;
  /** Text that is known to stand there. */
  readonly known?: OutputLine;
}

export function createLineWriter(start: WriterStart, lines: LineSink): LineWriter {
  const pen = createPen();
  let { line, offset, before } = start;
  /** The row that the screen began with. */
  let first = { line, offset };
  let screen = newScreen();

  function newScreen(): Screen<Look, WritePoint> {
    return new Screen<Look, WritePoint>({
      plain: PLAIN,
      look: () => pen.look,
      longest: LONGEST_LINE,
      isRestLeftOut: false,
      begin(as) {
        if (as === "line") return { kind: "text", line, part: 0, offset };
        const { place } = screen.bottom;
        const part = place.part + 1;
        return {
          kind: "text",
          line: place.line,
          part,
          offset: place.offset,
          isApart: as === "move",
        };
      },
      above(distance) {
        const known = before?.at(-distance);
        if (known) return known.kind === "gap" ? null : { ...known, known };
        if (before || first.offset === 0) return null;
        return { kind: "above", line: first.line, part: -distance, offset: null };
      },
      begun(row) {
        const { known } = row.place;
        known?.stretches?.forEach(({ at, look }, index, all) => {
          row.append(known.text.slice(at, all[index + 1]?.at), look);
        });
        if (known && !known.stretches) row.append(known.text, PLAIN);
      },
      reached(row) {
        if (row !== screen.bottom) return;
        row.place.line = line;
        row.place.part = 0;
        row.place.offset = offset;
      },
      ended: (row) => lines.append(lineOf(row)),
      left: (row) => {
        if (row.changed > row.told) lines.put(lineOf(row));
      },
      style: (parameters) => pen.style(parameters),
      command: (said) => pen.command(said),
    });
  }

  const tellChanges = () => {
    for (const row of screen.changedRows()) lines.put(lineOf(row));
  };

  return {
    write(printed, lineEnds) {
      let at = 0;
      let count = 0;
      for (let end = printed.indexOf("\n"); end !== -1; end = printed.indexOf("\n", at)) {
        line += 1;
        offset = lineEnds?.[count] ?? null;
        screen.write(printed.slice(at, end + 1));
        at = end + 1;
        count += 1;
      }
      screen.write(printed.slice(at));
      tellChanges();
    },
    gap(text, next) {
      if (!screen.bottom.isEmpty) {
        lines.append(lineOf(screen.bottom));
        line += 1;
      }
      line += FAR;
      const gap = { text, stretches: null, marker: null, offset: null };
      lines.append({ ...gap, kind: "gap", line, part: GAP_PART });
      offset = next;
      before = undefined;
      first = { line, offset };
      screen = newScreen();
    },
    open: () => (screen.bottom.isEmpty ? null : lineOf(screen.bottom)),
    get line() {
      return line;
    },
    get below() {
      return screen.below;
    },
  };
}

function lineOf({ text, stretches, place }: TerminalRow<Look, WritePoint>): OutputLine {
  const { kind, line, part, isApart, offset } = place;
  const marker = part === 0 ? parseMarker(text) : null;
  return { kind, text, stretches, line, part, isApart, offset, marker };
}

/** Lines in their order. */
export const inOrder = (one: OutputLine, other: OutputLine): number =>
  one.line - other.line || one.part - other.part;

/** All that was written, as a list. */
export class LineList implements LineSink {
  readonly lines: OutputLine[] = [];

  append(line: OutputLine): void {
    this.lines.push(line);
  }

  put(line: OutputLine): void {
    putInto(this.lines, line);
  }
}

/** In its place among lines in order, counted from their end. Returns false where it would be before all of them, and is not put. */
export function putInto(lines: OutputLine[], line: OutputLine, isFirstPart = true): boolean {
  let at = lines.length;
  while (at > 0 && inOrder(lines[at - 1]!, line) > 0) at -= 1;
  const isThere = at > 0 && inOrder(lines[at - 1]!, line) === 0;
  if (isThere) lines[at - 1] = line;
  else if (line.kind === "above" && (at > 0 || isFirstPart)) lines.splice(at, 0, line);
  else return at > 0;
  return true;
}
