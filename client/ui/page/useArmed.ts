/** Keeps a button that has just come under somebody's finger from acting: the second half of a double click is not meant for it. */
import { useLayoutEffect, useState } from "preact/hooks";
import { usePage } from "./page.js";

/** As long as systems take two presses for one double click. */
const DOUBLE_CLICK_MS = 500;

/** False for the first half second of the component, and of each `what`. */
export function useArmed(what: unknown = null): boolean {
  const { clock } = usePage().client;
  const [armed, setArmed] = useState<{ readonly what: unknown } | null>(null);
  useLayoutEffect(() => clock.after(DOUBLE_CLICK_MS, () => setArmed({ what })), [clock, what]);
  return armed !== null && armed.what === what;
}
