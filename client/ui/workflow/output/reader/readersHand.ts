/** Tells what a reader does to a log by hand from what growing and resizing do: the wheel, keys, a finger, a drag of the scroll bar. */

/** A scroll this long after a touch, a key or the wheel is the reader's; others come from growing or resizing. */
const BY_HAND_MS = 300;

const KEYS_UP = new Set(["PageUp", "Home", "ArrowUp"]);
const KEYS_DOWN = new Set(["PageDown", "End", "ArrowDown", " "]);
/** A drag of the scroll bar may end anywhere. */
const RELEASES = ["pointerup", "pointercancel", "touchend", "touchcancel"] as const;

export interface Hand {
  /** When the reader last touched anything that may scroll. */
  at: number;
  /** A jump may end where the end is: that is no wish to follow it. */
  hasJumped: boolean;
  /** A finger that moves over the log is not pulled back to the end. */
  isTouching: boolean;
}

export const newHand = (): Hand => ({
  at: Number.NEGATIVE_INFINITY,
  hasJumped: false,
  isTouching: false,
});

export interface HandListener {
  /** The log was scrolled to its lower edge: whether that is the end of the output. */
  isEndHere(): boolean;
  isAtEdge(): boolean;
  arrived(): void;
  left(): void;
  /** The reader did what may scroll the log. `isHeld`: and goes on with it until he lets go. */
  pushed(isHeld: boolean): void;
}

/** Hears the reader until the function it returns is called. */
export function listenToHand(element: HTMLElement, hand: Hand, told: HandListener): () => void {
  let isHeld = false;
  /** The reader turned towards the start and has not left the edge yet: a scroll at the edge is then no way back to the end, however late it comes. */
  let isOnTheWayUp = false;
  const byHand = (event: Event) => {
    hand.at = event.timeStamp;
    isOnTheWayUp = false;
    hand.hasJumped = false;
  };
  const turnUp = () => {
    if (!canScroll(element)) return;
    isOnTheWayUp = true;
    told.left();
  };
  const hold = (event: Event) => {
    isHeld = true;
    told.pushed(true);
    byHand(event);
  };
  const release = (event: Event) => {
    if (isHeld || hand.isTouching) told.pushed(false);
    isHeld = false;
    if (event.type.startsWith("touch")) hand.isTouching = false;
    byHand(event);
  };
  const listeners: Record<string, (event: Event) => void> = {
    wheel(event) {
      byHand(event);
      told.pushed(false);
      if ((event as WheelEvent).deltaY < 0) turnUp();
    },
    keydown(event) {
      byHand(event);
      const { key, shiftKey } = event as KeyboardEvent;
      const isUp = KEYS_UP.has(key) || (key === " " && shiftKey);
      if (isUp || KEYS_DOWN.has(key)) told.pushed(false);
      if (isUp) turnUp();
    },
    pointerdown: hold,
    touchstart: hold,
    touchmove(event) {
      hand.isTouching = true;
      told.pushed(true);
      byHand(event);
    },
    scroll(event) {
      if (told.isAtEdge()) {
        if (told.isEndHere() && !hand.hasJumped && !isOnTheWayUp) told.arrived();
        return;
      }
      isOnTheWayUp = false;
      if (isHeld || event.timeStamp - hand.at < BY_HAND_MS) told.left();
    },
  };
  // Before what the page does for a key, which may be to go to the end.
  for (const [type, listener] of Object.entries(listeners))
    element.addEventListener(type, listener, { passive: true, capture: true });
  for (const type of RELEASES) window.addEventListener(type, release);
  return () => {
    for (const [type, listener] of Object.entries(listeners))
      element.removeEventListener(type, listener, { capture: true });
    for (const type of RELEASES) window.removeEventListener(type, release);
  };
}

const canScroll = ({ scrollHeight, clientHeight }: HTMLElement): boolean =>
  scrollHeight > clientHeight;
