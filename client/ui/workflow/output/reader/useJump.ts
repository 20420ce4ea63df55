/** Brings a line into view as soon as it is there. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { numberOf } from "../lines/lineCount.js";
import { keyOf } from "../lines/outputLines.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import { lineElement, scrollTo } from "./keepInView.js";
import type { Target } from "./logStart.js";

interface JumpOptions {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly first: Target | null;
  /** Opens what the line is hidden in. */
  reveal(key: string): void;
  jumped(): void;
}

export interface Jump {
  /** The line that was jumped to. */
  readonly key: string | null;
  to(target: Target): void;
}

export function useJump({ log, onPage, first, reveal, jumped }: JumpOptions): Jump {
  const [target, setTarget] = useState(first);
  const [key, setKey] = useState<string | null>(null);
  const done = useRef<Target | null>(null);
  const [, lookAgain] = useState({});

  // After each drawing: the line, or the group around it, may have come only now.
  useLayoutEffect(() => {
    const element = log.current;
    if (!element || !target || done.current === target) return;
    // Behind another tab nothing can be scrolled: it waits until it is shown.
    if (element.checkVisibility?.() === false) return onceShown(element, () => lookAgain({}));
    const found = keyOfTarget(onPage, target);
    if (found === null) {
      // It is not there, and must not be jumped to when it comes by much later.
      if (onPage.trouble !== null) done.current = target;
      return;
    }
    const line = lineElement(element, found);
    if (!line) return reveal(found);
    done.current = target;
    scrollTo(element, line, target.delta ?? Math.round(element.clientHeight / 3));
    // The page may be scrolled away from the log itself.
    element.scrollIntoView({ block: "nearest" });
    setKey(target.delta === null ? found : null);
    jumped();
  });

  return { key, to: setTarget };
}

/** Gives back how to wait no more. */
function onceShown(element: Element, then: () => void): () => void {
  const seen = new ResizeObserver(() => {
    if (element.clientHeight > 0) then();
  });
  seen.observe(element);
  return () => seen.disconnect();
}

function keyOfTarget({ blocks, base }: LogOnPage, { place }: Target): string | null {
  if ("key" in place) return place.key;
  for (const { lines } of blocks) {
    for (const line of lines) {
      const isIt =
        "line" in place ? numberOf(line, base) === place.line : line.offset === place.offset;
      if (isIt && line.part <= 0 && line.kind === "text") return keyOf(line);
    }
  }
  return null;
}
