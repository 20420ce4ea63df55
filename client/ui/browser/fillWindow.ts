/** Makes steps and log, beside each other, end where the window does: the newest line is seen without scrolling the page. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { useMedia, WIDE } from "./useMedia.js";

interface Filling {
  /** The custom property that is told the height. */
  readonly property: `--${string}`;
  /** Height of what stands below the element, a margin included. */
  readonly belowPx: number;
  readonly leastPx: number;
  readonly isSticky?: boolean;
}

/** `isThere`: whether there is an element now. */
export function useFillWindow(
  ref: RefObject<HTMLElement | null>,
  { property, belowPx, leastPx, isSticky = false }: Filling,
  isThere = true,
): void {
  const isFilling = useMedia(WIDE);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || !isFilling) return;
    const measure = () => {
      // An element that sticks to the window's edge begins where its row begins.
      const origin = (isSticky && element.parentElement) || element;
      const top = origin.getBoundingClientRect().top + window.scrollY;
      const dock = document.querySelector<HTMLElement>(".dock")?.offsetHeight ?? 0;
      const room = window.innerHeight - top - belowPx - dock;
      element.style.setProperty(property, `${Math.max(leastPx, Math.floor(room))}px`);
    };
    // Parts above may grow and shrink. Measured in the next frame: changing sizes while they are observed would never end.
    let frame = 0;
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(measure);
    };
    const observer = new ResizeObserver(soon);
    observer.observe(document.body);
    window.addEventListener("resize", soon);
    measure();
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", soon);
      cancelAnimationFrame(frame);
      element.style.removeProperty(property);
    };
  }, [ref, isFilling, isThere, property, belowPx, leastPx, isSticky]);
}
