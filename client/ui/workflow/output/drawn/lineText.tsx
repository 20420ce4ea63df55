/** The text of a line in its colours, with its addresses as links, and with what was found in it marked. */
import type { ComponentChildren } from "preact";
import { type LinkInText, linksIn, NO_LINKS, otherHost } from "../../../look/links.js";
import { TextLink } from "../../../parts/textLink.js";
import { PLAIN } from "../lines/looks.js";
import { LONGEST_LINE, type OutputLine } from "../lines/outputLines.js";
import { type Range, type TextRun, textRuns } from "../lines/stretches.js";

const MOST_AROUND = 128;

interface LineTextProps {
  readonly line: OutputLine;
  readonly ranges: readonly Range[];
  /** The match that the reader is at. */
  readonly current: number | null;
}

export function LineText({ line, ranges, current }: LineTextProps) {
  const { text, stretches } = line;
  const links = linksOf(line);
  if (!stretches && ranges.length === 0 && links.length === 0) return <>{text}</>;
  const runs = textRuns(text, stretches, ranges, links);
  const drawn: ComponentChildren[] = [];
  let at = 0;
  for (let index = 0; index < runs.length; ) {
    const first = runs[index]!;
    let next = index + 1;
    if (addressOf(first) !== null)
      while (next < runs.length && isSameLink(first, runs[next]!)) next += 1;
    const part = runs.slice(index, next);
    drawn.push(
      <LinkRuns key={index} runs={part} word={wordAt(text, at, part)} current={current} />,
    );
    for (const run of part) at += run.text.length;
    index = next;
  }
  return <>{drawn}</>;
}

/** A block that grows is drawn again for each new line, and an address takes some microseconds to understand. */
const known = new WeakMap<OutputLine, readonly LinkInText[]>();

function linksOf(line: OutputLine): readonly LinkInText[] {
  const { text } = line;
  if (!text.includes("://")) return NO_LINKS;
  const links = known.get(line) ?? linksIn(text, text.length >= LONGEST_LINE);
  known.set(line, links);
  return links;
}

/** A link that the program itself made leads where the program says, whatever its text looks like. */
const addressOf = ({ look, link }: TextRun): string | null => look.href ?? link?.href ?? null;

const isSameLink = (one: TextRun, other: TextRun): boolean =>
  one.look.href === null
    ? other.look.href === null && one.link === other.link
    : one.look.href === other.look.href;

/** A program's link with what stands around it without a space: that is read as one address, too. */
function wordAt(text: string, at: number, runs: readonly TextRun[]): string {
  if (runs[0]!.look.href === null) return "";
  const end = runs.reduce((sum, run) => sum + run.text.length, at);
  const before = /\S*$/.exec(text.slice(Math.max(0, at - MOST_AROUND), at))![0];
  const behind = /^\S*/.exec(text.slice(end, end + MOST_AROUND))![0];
  return before + text.slice(at, end) + behind;
}

interface LinkRunsProps {
  readonly runs: readonly TextRun[];
  readonly word: string;
  readonly current: number | null;
}

function LinkRuns({ runs, word, current }: LinkRunsProps) {
  const first = runs[0]!;
  const text = runs.map((run, index) => (
    <RunText key={index} run={run} isCurrent={run.match !== null && run.match === current} />
  ));
  const href = addressOf(first);
  if (href === null) return <>{text}</>;
  if (first.look.href === null) {
    return (
      <TextLink href={href} leadsTo={first.link?.leadsTo ?? null}>
        {text}
      </TextLink>
    );
  }
  return (
    <TextLink href={href} leadsTo={otherHost(word, href)} title={href}>
      {text}
    </TextLink>
  );
}

function RunText({ run: { text, look, match }, isCurrent }: { run: TextRun; isCurrent: boolean }) {
  const shown =
    match === null ? (
      text
    ) : (
      <mark class={isCurrent ? "output-match is-current" : "output-match"}>{text}</mark>
    );
  if (look === PLAIN || look.classes === "") return <>{shown}</>;
  return <span class={look.classes}>{shown}</span>;
}
