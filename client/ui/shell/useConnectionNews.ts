/** Tells a screen reader when the link has been gone for long, and when it is back. Short gaps are no news. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { WORRY_AFTER_MS } from "../look/pill.js";
import { formatClock } from "../look/time.js";
import { usePage } from "../page/page.js";

export function useConnectionNews(): void {
  const { announcer, lostForMs, lostSince } = usePage();
  const told = useRef(false);
  const since = lostSince.value;
  const isLong = (lostForMs.value ?? 0) >= WORRY_AFTER_MS;
  useLayoutEffect(() => {
    if (isLong && since !== null && !told.current) {
      announcer.warn(`Connection lost. What you see is as of ${formatClock(since)}.`);
      told.current = true;
    } else if (since === null && told.current) {
      announcer.say("Connected again. What you see is current.");
      told.current = false;
    }
  }, [isLong, since, announcer]);
}
