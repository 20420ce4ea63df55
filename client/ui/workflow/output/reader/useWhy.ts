/** The line of an attempt's output that says why it failed: where its driver said so, else the one that looks like it. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { ErrorFinder, looksLikeError } from "../../../../index.js";
import type { Failure } from "../../reading/attemptFacts.js";
import { keyOf, type OutputLine } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { Jump } from "./useJump.js";

interface WhyOptions {
  /** Null for an attempt that did not fail. */
  readonly failure: Failure | null;
  readonly onPage: LogOnPage;
  /** Whether the log opens there. */
  readonly isWanted: boolean;
  readonly jump: Jump;
  shown(): void;
}

/** Returns the name of the line; null while it is not known, or not on the page. */
export function useWhy({ failure, onPage, isWanted, jump, shown }: WhyOptions): string | null {
  const guess = useRef<string | null>(null);
  const isDone = useRef(!isWanted);
  const { blocks, isAtEnd } = onPage;
  const key = useMemo(() => {
    if (failure === null) return null;
    const lines = blocks.flatMap((block) => block.lines.filter(isWhole));
    if (failure.offset !== null) {
      const line = lines.find(({ offset }) => offset === failure.offset);
      return line ? keyOf(line) : null;
    }
    // Once: what is loaded later is further away from the end.
    if (guess.current === null && isAtEnd) guess.current = guessed(lines, failure.error);
    return guess.current;
  }, [failure?.offset, failure?.error, blocks]);

  useLayoutEffect(() => {
    if (isDone.current || key === null) return;
    isDone.current = true;
    shown();
    // Where its place was known, the log began there.
    if (failure?.offset === null) jump.to({ place: { key }, delta: null });
  }, [key]);
  return key;
}

const isWhole = ({ kind, part }: OutputLine): boolean => kind === "text" && part <= 0;
/** Shorter words stand in other lines by chance. */
const LEAST_CHARACTERS = 8;

function guessed(lines: readonly OutputLine[], error: string | null): string | null {
  const said = error?.split("\n")[0]?.trim() ?? "";
  const isSaid = (text: string) => said.length >= LEAST_CHARACTERS && text.includes(said);
  const exact = lines.findLast(({ text }) => isSaid(text) && looksLikeError(text));
  if (exact) return keyOf(exact);
  const finder = new ErrorFinder<string>();
  for (const line of lines) finder.line(line.text, () => keyOf(line));
  return finder.found?.place ?? null;
}
