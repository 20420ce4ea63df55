/** Reads new lines aloud where somebody wants that: gathered, so that a flood does not become one. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Clock } from "../../../index.js";
import { keyOf } from "./lines/outputLines.js";
import type { LogOnPage } from "./onPage/logOnPage.js";

const GATHER_MS = 2_000;
const MOST_LINES = 8;

export function ReadAloud({ onPage, clock }: { onPage: LogOnPage; clock: Clock }) {
  const [said, setSaid] = useState("");
  const newest = useRef(onPage);
  newest.current = onPage;
  useLayoutEffect(() => {
    let last = endedLines(newest.current).at(-1)?.key ?? null;
    let cancel = () => {};
    const gather = () => {
      cancel = clock.after(GATHER_MS, () => {
        const lines = endedLines(newest.current);
        const fresh = lines.slice(lines.findIndex(({ key }) => key === last) + 1);
        last = lines.at(-1)?.key ?? null;
        if (fresh.length > 0 && newest.current.isAtEnd) setSaid(asSpoken(fresh));
        gather();
      });
    };
    gather();
    return () => cancel();
  }, [clock]);
  return (
    <div class="sr-only" aria-live="polite" data-testid="read-aloud">
      {said}
    </div>
  );
}

interface SpokenLine {
  readonly key: string;
  readonly text: string;
}

function endedLines({ blocks, isOpen }: LogOnPage): SpokenLine[] {
  const lines = blocks.flatMap((block) =>
    block.lines.map((line) => ({ key: keyOf(line), text: line.text })),
  );
  return isOpen ? lines.slice(0, -1) : lines;
}

function asSpoken(lines: readonly SpokenLine[]): string {
  const texts = lines.slice(-MOST_LINES).map(({ text }) => text);
  const more = lines.length - texts.length;
  return [
    ...(more > 0 ? [`${more} more ${more === 1 ? "line" : "lines"}, then:`] : []),
    ...texts,
  ].join("\n");
}
