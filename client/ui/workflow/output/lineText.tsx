/** The text of a line in its colours, with what was found in it marked. */
import { PLAIN } from "./looks.js";
import type { OutputLine } from "./outputLines.js";
import { type Range, type Run, runsOf } from "./stretches.js";

interface LineTextProps {
  readonly line: OutputLine;
  readonly ranges: readonly Range[];
  /** Which of them the reader is at. */
  readonly current: number | null;
}

export function LineText({ line: { text, stretches }, ranges, current }: LineTextProps) {
  if (!stretches && ranges.length === 0) return <>{text}</>;
  return (
    <>
      {runsOf(text, stretches, ranges).map((run, index) => (
        <RunText key={index} run={run} isCurrent={run.match !== null && run.match === current} />
      ))}
    </>
  );
}

function RunText({ run: { text, look, match }, isCurrent }: { run: Run; isCurrent: boolean }) {
  const shown =
    match === null ? (
      text
    ) : (
      <mark class={isCurrent ? "output-match is-current" : "output-match"}>{text}</mark>
    );
  if (look.href !== null) {
    return (
      <a class={look.classes || undefined} href={look.href} target="_blank" rel="noreferrer">
        {shown}
      </a>
    );
  }
  if (look === PLAIN || look.classes === "") return <>{shown}</>;
  return <span class={look.classes}>{shown}</span>;
}
