/** Keeps a log at its end while the reader is there. Only what the reader does turns that off, and being at the end turns it on. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { OutputLog } from "../onPage/outputLog.js";
import { listenToHand, newHand } from "./readersHand.js";

/** As near as this counts as being there. */
const NEAR_PX = 16;
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
  told: Pick<OutputLog, "follows" | "scroll">,
): FollowTail {
  const [isFollowing, setFollowing] = useState(isFirstAtEnd);
  const [leftAt, setLeftAt] = useState(0);
  const following = useRef(isFirstAtEnd);
  const hand = useRef(newHand()).current;
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
    if (!following.current || !log.current || hand.isTouching) return;
    if (hasSelection(log.current)) change(false);
    else toEnd(log.current);
  }, [log, onPage]);

  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    const stopListening = listenToHand(element, hand, {
      isAtEdge: () => isAtEnd(element),
      isEndHere: () => newest.current.isAtEnd,
      arrived: () => change(true),
      left: () => change(false),
      pushed(isHeld) {
        told.scroll.isHeld = isHeld;
        told.scroll.pushed();
      },
    });
    // Lines wrap anew, blocks are measured, the window turns: none of that is the reader's wish to leave the end.
    const resized = new ResizeObserver(() => {
      if (following.current && !hand.isTouching && !hasSelection(element)) toEnd(element);
    });
    resized.observe(element);
    if (element.firstElementChild) resized.observe(element.firstElementChild);
    return () => {
      resized.disconnect();
      stopListening();
    };
  }, [log]);

  return {
    isFollowing,
    leftAt,
    follow() {
      hand.hasJumped = false;
      hand.at = Number.NEGATIVE_INFINITY;
      change(true);
      if (log.current) toEnd(log.current);
    },
    leave() {
      hand.hasJumped = true;
      change(false);
    },
  };
}

export const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight <= NEAR_PX;

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
}

/** A text that is being selected does not move under the hand. */
function hasSelection(element: HTMLElement): boolean {
  const selection = element.ownerDocument.getSelection();
  if (!selection || selection.isCollapsed || !selection.anchorNode) return false;
  return element.contains(selection.anchorNode);
}
