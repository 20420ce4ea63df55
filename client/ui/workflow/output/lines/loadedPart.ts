/** A part that REST gave, as the lines that stand before those already here. */
import { parseMarker } from "../../../../index.js";
import type { LogPart } from "../bytes/logBytes.js";
import { bytesText } from "../bytes/pieceBytes.js";
import {
  createLineWriter,
  FAR,
  GAP_PART,
  LineList,
  type OutputLine,
  putInto,
} from "./outputLines.js";

/**
 * `first`: the line before which they stand; where there is none, `origin` is its count. `above`: what is written over them
 * from there on.
 */
export function linesBefore(
  part: LogPart,
  first: OutputLine | null,
  origin = 0,
  above: readonly OutputLine[] = [],
): OutputLine[] {
  const list = new LineList();
  const isJoined = part.missing === 0;
  const behind = (first?.line ?? origin) - (isJoined ? 0 : FAR);
  const start = { line: behind - part.lineEnds.length, offset: part.from };
  const writer = createLineWriter(start, list);
  writer.write(part.text, part.lineEnds);
  const cursor = list.lines.length - writer.below;
  const open = writer.open();
  if (open) list.append(open);
  if (isJoined) {
    // Lines below the cursor are drawn again by what follows.
    const lines = first && writer.below > 0 ? list.lines.slice(0, cursor) : list.lines;
    return joined(writtenOver(lines, above, cursor, start.line), first);
  }
  const gap = { text: bytesText(part.missing), stretches: null, marker: null, offset: null };
  return [...list.lines, { ...gap, kind: "gap", line: behind, part: GAP_PART }, ...above];
}

/** `cursor`: the place among the lines from which `above` counts. What reaches beyond them is "above" them in turn. */
function writtenOver(
  lines: readonly OutputLine[],
  above: readonly OutputLine[],
  cursor: number,
  line: number,
): OutputLine[] {
  const before = lines.filter(({ kind }) => kind === "above");
  const known = before.length;
  const rows = lines.slice(known);
  for (const { text, stretches, part } of above) {
    const at = cursor - known + part;
    const row = rows[at];
    if (row)
      rows[at] = { ...row, text, stretches, marker: row.part === 0 ? parseMarker(text) : null };
    else
      putInto(before, {
        kind: "above",
        text,
        stretches,
        marker: null,
        line,
        part: at,
        offset: null,
      });
  }
  return [...before, ...rows];
}

/** A part may begin in the middle of a line: the parts of that line before it count down. */
function joined(lines: OutputLine[], first: OutputLine | null): OutputLine[] {
  const isOwn = (line: OutputLine) => line.kind === "text" && line.line === first?.line;
  const own = lines.filter(isOwn);
  if (!first || own.length === 0) return lines;
  const from = first.part - own.length;
  return lines.map((line) => (isOwn(line) ? { ...line, part: from + own.indexOf(line) } : line));
}
