/** Keeps what the reader looks at where it is while lines come and go around it, and remembers it for a reload. */
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Clock } from "../../../../index.js";
import type { LogOnPage } from "../onPage/logOnPage.js";
import type { ReadersScroll } from "../onPage/readersScroll.js";

export interface Anchor {
  /** The name of the first line in view. */
  readonly key: string;
  /** How far its upper edge is below the log's; negative where it is cut. */
  readonly delta: number;
  /** The block it is in. */
  readonly block: number;
}

const REMEMBER_AFTER_MS = 250;
/** Also in a low window what comes next is fetched before it is reached. */
const LEAST_NEAR_PX = 600;
/** Of a window, above what is in view: a page up that begins with a whole one above stays within that. */
const LEAST_ABOVE = 0.1;

export interface KeepInViewOptions {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly onPage: LogOnPage;
  readonly isFollowing: boolean;
  readonly scroll: ReadersScroll;
  readonly clock: Clock;
  remember(anchor: Anchor | null): void;
  looks(view: LookedAt): void;
}

/** Where the reader is in what is shown. */
export interface LookedAt {
  readonly isInFirstHalf: boolean;
  /** So near an edge that more is wanted beyond it. */
  readonly isNearStart: boolean;
  readonly isNearEnd: boolean;
  /** So little is drawn above what is in view that it would soon be all in view. */
  readonly isShortAbove: boolean;
  /** The block in view; null where there is none, or nothing has a height. */
  readonly block: number | null;
  /** How many windows high everything is; null where nothing has a height. */
  readonly screens: number | null;
}

export function useKeepInView(options: KeepInViewOptions): { settle(): void } {
  const { log, onPage, clock } = options;
  const anchor = useRef<Anchor | null>(null);
  const newest = useRef(options);
  newest.current = options;
  // Read before the new lines are drawn: the reader may have scrolled since the last event about it.
  const drawn = useRef(onPage);
  if (drawn.current !== onPage && log.current && !options.isFollowing)
    anchor.current = anchorIn(log.current);
  drawn.current = onPage;
  // A block above that is drawn for the first time is seldom as high as it was taken to be; in the same frame it is put right.
  const sizes = useMemo(
    () =>
      watchSizes(() => {
        const { log, isFollowing, scroll } = newest.current;
        if (!log.current || !anchor.current || isFollowing) return;
        // Where everything moves, nobody sees it move a little more; but that it stops, he does.
        if (scroll.isMoving && movedBy(log.current, anchor.current) < log.current.clientHeight)
          anchor.current = anchorIn(log.current);
        else putBack(log.current, anchor.current);
      }),
    [],
  );
  useLayoutEffect(() => () => sizes.stop(), [sizes]);

  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    if (anchor.current && !options.isFollowing) putBack(element, anchor.current);
    anchor.current = anchorIn(element);
    newest.current.looks(lookedAt(element, anchor.current));
    for (const block of element.querySelectorAll(".output-block")) sizes.watch(block);
  }, [log, onPage]);

  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    let cancel: (() => void) | null = null;
    const remember = () => {
      cancel?.();
      cancel = null;
      newest.current.remember(anchorIn(element));
    };
    const { scroll } = newest.current;
    scroll.frame = nextFrame;
    const onScroll = () => {
      // A scroll that keeps a line in view, or follows, is the page's own.
      const isOwn = newest.current.isFollowing || !isMoved(element, anchor.current);
      if (!isOwn) scroll.moved();
      anchor.current = anchorIn(element);
      cancel ??= clock.after(REMEMBER_AFTER_MS, remember);
      newest.current.looks(lookedAt(element, anchor.current));
    };
    const onScrollEnd = () => scroll.ended();
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("scrollend", onScrollEnd);
    window.addEventListener("pagehide", remember);
    return () => {
      if (cancel) remember();
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("scrollend", onScrollEnd);
      window.removeEventListener("pagehide", remember);
    };
  }, [log, clock]);

  return {
    /** After a jump: this is the place now. */
    settle() {
      anchor.current = log.current && anchorIn(log.current);
    },
  };
}

/** Calls back when the page is painted next; what it returns takes that back. */
export function nextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

export const lineElement = (log: HTMLElement, key: string): HTMLElement | null =>
  log.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);

/** So that the line is so far below the upper edge. */
export function scrollTo(log: HTMLElement, line: HTMLElement, delta: number): void {
  const moved = deltaOf(log, line) - delta;
  if (Math.abs(moved) >= 1) log.scrollTop += moved;
}

const deltaOf = (log: HTMLElement, line: HTMLElement): number =>
  line.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientTop;

/** How far the line is from where it was in the window; as far as can be where it is gone. */
function movedBy(log: HTMLElement, { key, delta }: Anchor): number {
  const line = lineElement(log, key);
  return line ? Math.abs(deltaOf(log, line) - delta) : Number.POSITIVE_INFINITY;
}

function putBack(log: HTMLElement, { key, delta }: Anchor): void {
  const line = lineElement(log, key);
  if (line) scrollTo(log, line, delta);
}

const isMoved = (log: HTMLElement, anchor: Anchor | null): boolean =>
  anchor !== null && movedBy(log, anchor) >= 1;

/** The name of the first line in view. */
export const firstInView = (log: HTMLElement): string | null => anchorIn(log)?.key ?? null;

/** The first line that is in view, found by halves: a log may have thousands. */
function anchorIn(log: HTMLElement): Anchor | null {
  const edge = log.getBoundingClientRect().top + log.clientTop;
  const blocks = [...log.querySelectorAll(".output-block")];
  const first = firstBelow(blocks, edge);
  // One that is not drawn yet has lines that are nowhere.
  const block = first && isDrawn(first) ? first : blocks[blocks.indexOf(first!) + 1];
  const line = block && firstBelow([...block.children], edge);
  if (!(line instanceof HTMLElement) || line.dataset.key === undefined) return null;
  const delta = line.getBoundingClientRect().top - edge;
  return { key: line.dataset.key, delta, block: Number((block as HTMLElement).dataset.block) };
}

const isDrawn = (block: Element): boolean =>
  block.firstElementChild?.checkVisibility?.({ contentVisibilityAuto: true }) !== false;

function watchSizes(changed: () => void) {
  const observer = new ResizeObserver(changed);
  const watched = new WeakSet<Element>();
  return {
    watch(element: Element) {
      if (watched.has(element)) return;
      watched.add(element);
      observer.observe(element);
    },
    stop: () => observer.disconnect(),
  };
}

function firstBelow(elements: readonly Element[], edge: number): Element | null {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle]!.getBoundingClientRect().bottom > edge) high = middle;
    else low = middle + 1;
  }
  return elements[low] ?? null;
}

function lookedAt(
  { scrollTop, scrollHeight, clientHeight }: HTMLElement,
  anchor: Anchor | null,
): LookedAt {
  const left = scrollHeight - scrollTop - clientHeight;
  // One that is not drawn has no edges.
  const near = clientHeight === 0 ? 0 : Math.max(clientHeight, LEAST_NEAR_PX);
  return {
    isInFirstHalf: scrollTop < left,
    isNearStart: scrollTop < near,
    isNearEnd: left < near,
    isShortAbove: scrollTop < clientHeight * LEAST_ABOVE,
    block: clientHeight === 0 ? null : (anchor?.block ?? null),
    screens: clientHeight === 0 ? null : scrollHeight / clientHeight,
  };
}
