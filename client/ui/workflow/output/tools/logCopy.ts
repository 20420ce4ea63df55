/** Makes the texts that leave a log by the clipboard: links to its lines, and lines as Markdown. */

import type { OutputLine } from "../lines/outputLines.js";
import type { Lines } from "../reader/logStart.js";

/** `address` is the log's, without lines. */
export function linkTo(address: string, lines: Lines | null): string {
  const { from, to } = lines ?? {};
  const hash = lines ? (from === to ? `#L${from}` : `#L${from}-L${to}`) : "";
  return new URL(address + hash, window.location.href).href;
}

/** The texts of lines as they were printed: the parts of a long one are one again. */
export function textsOf(lines: readonly OutputLine[]): string[] {
  const texts: string[] = [];
  let before: OutputLine | null = null;
  for (const line of lines) {
    if (before !== null && goesOn(line, before)) texts[texts.length - 1] += line.text;
    else texts.push(line.text);
    before = line;
  }
  return texts;
}

const goesOn = (line: OutputLine, before: OutputLine): boolean =>
  line.line === before.line && line.kind === "text" && before.kind === "text" && !line.isApart;

export function markdownOf(name: string, attempt: number, lines: readonly string[]): string {
  // The fence is longer than any in the lines, so that none of them ends the block.
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length),
  );
  const fence = "`".repeat(longest + 1);
  const heading = `${name.replaceAll(/[\\`*_<>[\]]/g, "\\$&")}, attempt ${attempt}:`;
  return `${heading}\n\n${fence}text\n${lines.join("\n")}\n${fence}\n`;
}
