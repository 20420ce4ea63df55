/** The page goes: it is closed, or kept by the browser for a way back. */

/** Returns what stops it. */
export type Leaving = (run: () => void) => () => void;

/** Never outside a browser. */
export const browserLeaving: Leaving = (run) => {
  if (typeof window === "undefined") return () => {};
  window.addEventListener("pagehide", run);
  return () => window.removeEventListener("pagehide", run);
};
