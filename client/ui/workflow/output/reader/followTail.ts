/** Keeps a log at its end while the reader is there. Only what the reader does turns that off, and being at the end turns it on. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** As near as this counts as being there. */
const NEAR_PX = 16;
/** A scroll this long after a touch, a key or the wheel is the reader's; others come from growing or resizing. */
const BY_HAND_MS = 300;

const KEYS_UP = new Set(["PageUp", "Home", "ArrowUp"]);

export interface FollowedLog {
  /** Grows with each line. */
  readonly total: number;
  /** False while the end is not among what is shown: then its edge is just an edge. */
  readonly isAtEnd: boolean;
}

export interface FollowTail {
  readonly isFollowing: boolean;
  /** The lines there were when the reader left the end. */
  readonly leftAt: number;
  follow(): void;
  /** For a jump elsewhere: to what was found, to a line of a link. */
  leave(): void;
}

export function useFollowTail(
  log: RefObject<HTMLDivElement | null>,
  onPage: FollowedLog,
  isFirstAtEnd: boolean,
  told: { follows(isFollowing: boolean): void },
): FollowTail {
  const [isFollowing, setFollowing] = useState(isFirstAtEnd);
  const [leftAt, setLeftAt] = useState(0);
  const following = useRef(isFirstAtEnd);
  /** A jump may end where the end is: that is no wish to follow it. */
  const hasJumped = useRef(false);
  /** When the reader last touched anything that may scroll. */
  const byHandAt = useRef(Number.NEGATIVE_INFINITY);
  /** A finger that moves over the log is not pulled back to the end. */
  const isTouched = useRef(false);
  const newest = useRef(onPage);
  newest.current = onPage;

  const change = (next: boolean) => {
    if (next === following.current) return;
    following.current = next;
    // Before anything is drawn again: what the reader looks at must be in the next drawing as well.
    told.follows(next);
    if (!next) setLeftAt(newest.current.total);
    setFollowing(next);
  };

  // In the same pass as the new lines, so that no frame shows them out of place.
  useLayoutEffect(() => {
    if (!following.current || !log.current || isTouched.current) return;
    if (hasSelection(log.current)) change(false);
    else toEnd(log.current);
  }, [log, onPage]);

  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    let isHeld = false;
    /** When the reader turned towards the start: lines that are filled in before he is there are no way back to the end. */
    let turnedUpAt = Number.NEGATIVE_INFINITY;
    const byHand = (event: Event) => {
      byHandAt.current = event.timeStamp;
      turnedUpAt = Number.NEGATIVE_INFINITY;
      hasJumped.current = false;
    };
    const turnUp = (event: Event) => {
      if (!canScroll(element)) return;
      turnedUpAt = event.timeStamp;
      change(false);
    };
    const onWheel = (event: WheelEvent) => {
      byHand(event);
      if (event.deltaY < 0) turnUp(event);
    };
    const onKey = (event: KeyboardEvent) => {
      byHand(event);
      if (KEYS_UP.has(event.key)) turnUp(event);
    };
    const hold = (event: Event) => {
      isHeld = true;
      byHand(event);
    };
    const release = (event: Event) => {
      isHeld = false;
      if (event.type.startsWith("touch")) isTouched.current = false;
      byHand(event);
    };
    const onScroll = (event: Event) => {
      if (isAtEnd(element)) {
        const isOnTheWay = event.timeStamp - turnedUpAt < BY_HAND_MS;
        if (newest.current.isAtEnd && !hasJumped.current && !isOnTheWay) change(true);
        return;
      }
      turnedUpAt = Number.NEGATIVE_INFINITY;
      if (isHeld || event.timeStamp - byHandAt.current < BY_HAND_MS) change(false);
    };
    const listeners = {
      wheel: onWheel,
      keydown: onKey,
      pointerdown: hold,
      touchstart: hold,
      touchmove: (event: Event) => {
        isTouched.current = true;
        byHand(event);
      },
      scroll: onScroll,
    } as unknown as Record<string, (event: Event) => void>;
    for (const [type, listener] of Object.entries(listeners)) {
      // Before what the page does for a key, which may be to go to the end.
      element.addEventListener(type, listener, { passive: true, capture: true });
    }
    // A drag of the scroll bar may end anywhere.
    const ends = ["pointerup", "pointercancel", "touchend", "touchcancel"] as const;
    for (const type of ends) window.addEventListener(type, release);
    // Lines wrap anew, blocks are measured, the window turns: none of that is the reader's wish to leave the end.
    const resized = new ResizeObserver(() => {
      if (following.current && !isTouched.current && !hasSelection(element)) toEnd(element);
    });
    resized.observe(element);
    if (element.firstElementChild) resized.observe(element.firstElementChild);
    return () => {
      resized.disconnect();
      for (const [type, listener] of Object.entries(listeners)) {
        element.removeEventListener(type, listener, { capture: true });
      }
      for (const type of ends) window.removeEventListener(type, release);
    };
  }, [log]);

  return {
    isFollowing,
    leftAt,
    follow() {
      hasJumped.current = false;
      byHandAt.current = Number.NEGATIVE_INFINITY;
      change(true);
      if (log.current) toEnd(log.current);
    },
    leave() {
      hasJumped.current = true;
      change(false);
    },
  };
}

export const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight <= NEAR_PX;

const canScroll = ({ scrollHeight, clientHeight }: HTMLElement): boolean =>
  scrollHeight > clientHeight;

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
}

/** What is being selected does not move under the hand. */
function hasSelection(element: HTMLElement): boolean {
  const selection = element.ownerDocument.getSelection();
  if (!selection || selection.isCollapsed || !selection.anchorNode) return false;
  return element.contains(selection.anchorNode);
}
