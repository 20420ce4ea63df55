/** Keys scroll the log that is shown; a jump and the way back to the end put an end to it. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Clock } from "../../../../index.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import { nextFrame } from "./keepInView.js";
import { KeyScroll, listenToKeys } from "./keyScroll.js";

interface KeyScrollOptions {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly isFollowing: boolean;
  readonly clock: Clock;
}

/** `stop`: what keys meant before is not wanted any more. */
export function useKeyScroll({ log, onPage, isFollowing, clock }: KeyScrollOptions) {
  const scroll = useRef<KeyScroll | null>(null);
  const newest = useRef(onPage);
  newest.current = onPage;

  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    scroll.current = new KeyScroll(element, {
      clock,
      isMore: (isUp) => isMore(newest.current, isUp),
      isStill: () => window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      frame: nextFrame,
    });
    return listenToKeys(element, scroll.current);
  }, [log, clock]);
  useLayoutEffect(() => {
    if (isFollowing) scroll.current?.stop();
  }, [isFollowing]);

  return { stop: () => scroll.current?.stop() };
}

function isMore({ older, drawn, blocks, isAtEnd, trouble }: LogOnPage, isUp: boolean): boolean {
  const hidden = isUp ? drawn.from > 0 : drawn.to < blocks.length;
  const elsewhere = isUp ? older === "some" : !isAtEnd;
  return hidden || (elsewhere && trouble === null);
}
