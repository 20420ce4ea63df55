/** A part that REST gave, as the lines that stand before those already here. */
import type { LogPart } from "./logBytes.js";
import { createLineWriter, FAR, type OutputLine } from "./outputLines.js";
import { bytesText } from "./pieceBytes.js";

/** `first`: the line before which they stand; where there is none, `origin` is its count. */
export function linesBefore(part: LogPart, first: OutputLine | null, origin = 0): OutputLine[] {
  const lines: OutputLine[] = [];
  const isJoined = part.missing === 0;
  const behind = (first?.line ?? origin) - (isJoined ? 0 : FAR);
  const start = { line: behind - part.lineEnds.length, offset: part.from };
  const writer = createLineWriter(start, (line) => void lines.push(line));
  writer.write(part.text, part.lineEnds);
  const open = writer.open();
  if (open) lines.push(open);
  if (isJoined) return joined(lines, first);
  const gap = { text: bytesText(part.missing), stretches: null, marker: null, offset: null };
  return [...lines, { ...gap, kind: "gap", line: behind, part: -1 }];
}

/** What stands here may be the middle of a line: its parts before that count down. */
function joined(lines: OutputLine[], first: OutputLine | null): OutputLine[] {
  const own = first ? lines.filter(({ line }) => line === first.line) : [];
  if (!first || own.length === 0) return lines;
  const from = first.part - own.length;
  return lines.map((line) =>
    line.line === first.line ? { ...line, part: from + own.indexOf(line) } : line,
  );
}
