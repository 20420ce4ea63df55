/** How many rows of a list that scrolls by itself stand below its edge, so that none is overlooked. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Counts a row that is cut off in its middle, too. `rows`: what the list shows; another one is counted anew. */
export function useMoreBelow(pane: RefObject<HTMLElement | null>, rows: readonly unknown[]) {
  const [below, setBelow] = useState(0);
  useLayoutEffect(() => {
    const element = pane.current;
    if (!element) return;
    let frame = 0;
    const count = () => {
      const edge = element.scrollTop + element.clientHeight;
      setBelow(rowsBelow(element.querySelectorAll<HTMLElement>("li[data-step]"), edge));
    };
    // In the next frame: changing sizes while they are observed would never end.
    const soon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(count);
    };
    const observer = new ResizeObserver(soon);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    element.addEventListener("scroll", soon, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener("scroll", soon);
    };
  }, [pane, rows.length > 0]);
  return rows.length === 0 ? 0 : below;
}

/** Rows stand in order, so that of a thousand few have to be measured. */
function rowsBelow(rows: NodeListOf<HTMLElement>, edge: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle]!;
    if (row.offsetTop + row.offsetHeight > edge + 1) high = middle;
    else low = middle + 1;
  }
  return rows.length - low;
}
