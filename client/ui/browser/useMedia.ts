/** Whether a media query holds now. */
import { useLayoutEffect, useState } from "preact/hooks";

/** The width below which one thing is shown at a time; as in the style sheets. */
export const NARROW = "(max-width: 640px)";
/** The rest: there steps and log end where the window does. */
export const WIDE = "(min-width: 641px)";

export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => window.matchMedia(query).matches);
  useLayoutEffect(() => {
    const media = window.matchMedia(query);
    const look = () => setHolds(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, [query]);
  return holds;
}
