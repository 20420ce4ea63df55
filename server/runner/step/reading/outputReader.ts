/** Reads the progress of a step out of its output: marker lines, a pattern, and the line that was changed last. Bounded, whatever is printed. */
import type { Clock } from "../../../../shared/clock.js";
import { type Marker, spokenLine } from "../../../../shared/markers.js";
import { NewestRows } from "../../../../shared/terminal/newestRows.js";
import { printable } from "../../../../shared/text/printable.js";
import { lastLines } from "./lastLines.js";
import { createProgressReader } from "./progressPattern.js";

export interface OutputListener {
  marker(marker: Marker): void;
  /** 0 to 1. */
  progress(part: number): void;
  /** The line that was changed last, among those that say something. */
  line(line: string): void;
}

/** A longer line is no marker, and only its beginning is looked at. */
const LINE_CHARACTERS = 4_096;
/** A pattern is only looked for in the newest lines of a piece of output: the newest progress counts. */
const NEWEST_LINES = 20;

export interface OutputReader {
  /** Text cut anywhere. */
  add(text: string): void;
  /** The newest lines, oldest first, that fit in `bytes` of UTF-8. */
  lastLines(bytes: number): string[];
  /** A last line may lack its end. */
  end(): void;
}

/** `pattern` as in a definition's `progress`. */
export function createOutputReader(
  pattern: string | undefined,
  listener: OutputListener,
  clock: Pick<Clock, "elapsed">,
): OutputReader {
  const progress = createProgressReader(pattern, clock);
  const newest = new NewestRows(LINE_CHARACTERS);
  let open = "";
  /** As it was written it reads as in a terminal: nothing moved in it. */
  let isOpenPlain = true;

  const lookAtMarkers = (lines: readonly string[]) => {
    for (const line of lines) {
      const { marker } = spokenLine(line);
      if (marker) listener.marker(marker);
    }
  };

  const look = (said: string | null, newestFirst: readonly string[]) => {
    if (said !== null) listener.line(said);
    const part = progress?.read(newestFirst.slice(0, 2 * NEWEST_LINES)) ?? null;
    if (part !== null) listener.progress(part);
  };

  return {
    add(text) {
      const before = newest.add(text);
      // A progress bar rewrites its line with \r: a marker, or the progress, may stand in each writing.
      const writings = (open + text).split(/\r\n|\n|\r/);
      const rest = writings.at(-1) ?? "";
      lookAtMarkers(writings.slice(0, -1));
      open = rest.slice(0, LINE_CHARACTERS);
      const newestWritings = writings.slice(-NEWEST_LINES).reverse();
      const isPlain = before === null && (isOpenPlain || writings.length > NEWEST_LINES);
      isOpenPlain = before === null && (isOpenPlain || writings.length > 1);
      if (isPlain) return look(saidBy(newestWritings, rest), newestWritings);
      if (newest.changes === before) return;
      const said = saidBy(newest.byChange(), newest.open);
      const changed = before === null ? [] : [...newest.byChange(before)];
      look(said, [...changed.slice(0, NEWEST_LINES), ...newestWritings]);
    },
    lastLines: (bytes) => lastLines(newest, bytes),
    end() {
      if (open !== "") lookAtMarkers([open]);
      if (open.startsWith("::")) look(saidBy(newest.byChange(), null), []);
      open = "";
      const part = progress?.end() ?? null;
      if (part !== null) listener.progress(part);
    },
  };
}

/** The line that is to be said of these, newest first; what a marker said is newer than the lines before it. `unknown` has not ended: it may become a marker. */
function saidBy(newestFirst: Iterable<string>, unknown: string | null): string | null {
  for (const row of newestFirst) {
    const { marker, text } = spokenLine(row);
    if (row === unknown && row.startsWith("::")) return null;
    const line = printable(text).trim();
    if (marker || line !== "") return line || null;
  }
  return null;
}
