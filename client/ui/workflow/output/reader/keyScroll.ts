/**
 * Scrolls a log by keys, as far as a key means, whatever is drawn above and below meanwhile.
 * Chromium drops a key's own scroll, or the rest of one, where the page has just moved the lines: under a fast command it often has.
 * Here every picture adds a part to where the lines are by then, so that nothing that is put back takes any of it.
 */
import type { Clock } from "../../../../index.js";

/** Of a window, for a page up or down: what stays in view is where to read on. */
const PAGE = 0.875;
const ARROW_PX = 40;
/** A push is done after so long, on a slow machine with the first picture after that. */
const GLIDE_MS = 150;
/** At the edge of what is drawn a push waits so long for the lines beyond it. */
const WAIT_MS = 5_000;

/** These belong to what has the focus, if it has a use for them. */
const PRESSED = "button, summary, input, select, textarea";

export interface KeyScrollOptions {
  readonly clock: Pick<Clock, "elapsed">;
  /** Lines are to come beyond that edge of what is drawn. */
  isMore(isUp: boolean): boolean;
  /** Nothing is to be seen moving. */
  isStill(): boolean;
  /** Calls back when the page is painted next; what it returns takes that back. */
  frame(run: () => void): () => void;
}

type Scrolled = Pick<HTMLElement, "scrollTop" | "scrollHeight" | "clientHeight">;

/** One scroll at a time; pushes in the same direction add up. */
export class KeyScroll {
  readonly #log: Scrolled;
  readonly #options: KeyScrollOptions;
  /** Pixels that are to be moved yet, upwards negative. */
  #left = 0;
  #until = 0;
  #at = 0;
  #movedAt = 0;
  #cancel: (() => void) | null = null;

  constructor(log: Scrolled, options: KeyScrollOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** False where it cannot move that way: then the key is for what is around the log. */
  push(by: number): boolean {
    if (this.#left * by < 0) this.stop();
    if (!this.#canMove(by)) return false;
    const now = this.#options.clock.elapsed();
    this.#left += by;
    this.#movedAt = now;
    this.#until = now + (this.#options.isStill() ? 0 : GLIDE_MS);
    if (this.#cancel) return true;
    this.#at = now;
    this.#next();
    return true;
  }

  /** The rest of it is not wanted any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#left = 0;
  }

  #next(): void {
    this.#cancel = this.#options.frame(() => this.#step());
  }

  #step(): void {
    this.#cancel = null;
    const now = this.#options.clock.elapsed();
    const time = this.#until - this.#at;
    const share = now >= this.#until ? 1 : (now - this.#at) / time;
    this.#at = now;
    const before = this.#log.scrollTop;
    this.#log.scrollTop = before + this.#left * share;
    const moved = this.#log.scrollTop - before;
    this.#left -= moved;
    if (moved !== 0) this.#movedAt = now;
    const isDone = Math.abs(this.#left) < 1 || now - this.#movedAt >= WAIT_MS;
    if (isDone || !this.#canMove(this.#left)) this.stop();
    else this.#next();
  }

  #canMove(by: number): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const room = by < 0 ? scrollTop : scrollHeight - clientHeight - scrollTop;
    return room >= 1 || this.#options.isMore(by < 0);
  }
}

/** How far the key moves a log of that height; 0 for a key that is none of ours. */
export function keyDistance(event: KeyboardEvent, height: number): number {
  const { key, shiftKey, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return 0;
  if (target instanceof Element && target.closest(PRESSED)) return 0;
  if (key === " ") return (shiftKey ? -PAGE : PAGE) * height;
  // With Shift they change what is selected.
  if (shiftKey) return 0;
  if (key === "PageUp" || key === "PageDown") return (key === "PageUp" ? -PAGE : PAGE) * height;
  if (key === "ArrowUp" || key === "ArrowDown") return key === "ArrowUp" ? -ARROW_PX : ARROW_PX;
  return 0;
}

/** Hears the keys until the function it returns is called. What else the reader does to the log ends a scroll. */
export function listenToKeys(element: HTMLElement, scroll: KeyScroll): () => void {
  const onKey = (event: KeyboardEvent) => {
    const by = keyDistance(event, element.clientHeight);
    if (by === 0) return;
    if (scroll.push(Math.round(by))) event.preventDefault();
  };
  const stop = () => scroll.stop();
  element.addEventListener("keydown", onKey);
  for (const type of OTHERS) element.addEventListener(type, stop, { passive: true });
  return () => {
    scroll.stop();
    element.removeEventListener("keydown", onKey);
    for (const type of OTHERS) element.removeEventListener(type, stop);
  };
}

const OTHERS = ["wheel", "pointerdown", "touchstart"] as const;
