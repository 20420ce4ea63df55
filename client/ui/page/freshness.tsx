/** Clocks that never lie: they run only while what they stand beside is current, and stand still in grey otherwise. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { formatDuration, formatElapsed, remainingMs, type View } from "../../index.js";
import { formatAgo, formatClock, formatStart } from "../look/time.js";
import { usePage } from "./page.js";

export interface Freshness {
  readonly isCurrent: boolean;
  /** Server time (ms) up to which the state shown is known to be true, where it is not current. */
  readonly asOf: number | null;
}

/** A closed view is final: it needs no news to stay true. */
export function freshnessOf(view: View): Freshness {
  const isCurrent = view.phase === "live" || view.phase === "closed";
  return { isCurrent, asOf: isCurrent ? null : view.asOf };
}

export const FreshnessContext = createContext<Freshness>({ isCurrent: true, asOf: null });

/** The time the state shown is true for: now, or the moment it was last confirmed. */
export function usePictureTime(): { now: number; isCurrent: boolean } {
  const { serverNow } = usePage();
  const { isCurrent, asOf } = useContext(FreshnessContext);
  if (isCurrent || asOf === null) return { now: serverNow.value, isCurrent };
  return { now: asOf, isCurrent };
}

/** How long something took, or has been taking. */
export function Elapsed({ from, until }: { from: number | null; until: number | null }) {
  return from === null ? (
    <span class="elapsed" />
  ) : until === null ? (
    <Running from={from} />
  ) : (
    <span class="elapsed">{formatDuration(until - from)}</span>
  );
}

/** Its own component, so that the second's tick draws this and nothing around it. */
function Running({ from }: { from: number }) {
  const { now, isCurrent } = usePictureTime();
  return (
    <span class={isCurrent ? "elapsed" : "elapsed is-frozen"} data-frozen={!isCurrent}>
      {formatElapsed(now - from)}
    </span>
  );
}

export function Ago({ at }: { at: number }) {
  const { now, isCurrent } = usePictureTime();
  return <span class={isCurrent ? "" : "is-frozen"}>{formatAgo(now - at)}</span>;
}

/** "in 10 s", as far as the state shown goes. */
export function Until({ at }: { at: number }) {
  const { now, isCurrent } = usePictureTime();
  const left = at - now;
  return (
    <span class={isCurrent ? "" : "is-frozen"}>
      {left > 0 ? `in ${formatElapsed(left + 999)}` : "any moment"}
    </span>
  );
}

/** "~4m 10s left", where that can honestly be said. */
export function Remaining({ step }: { step: Parameters<typeof remainingMs>[0] }) {
  const { now, isCurrent } = usePictureTime();
  const left = isCurrent ? remainingMs(step, now) : null;
  return left === null ? null : <span class="remaining">~{formatElapsed(left)} left</span>;
}

export function StartTime({ at }: { at: number }) {
  // It changes at midnight, so the second's tick draws nothing here.
  const { serverDay } = usePage();
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toString()}>
      {formatStart(at, serverDay.value)}
    </time>
  );
}

/** "as of 09:52:03", where the state shown is not current. */
export function AsOf() {
  const { isCurrent, asOf } = useContext(FreshnessContext);
  if (isCurrent || asOf === null) return null;
  return (
    <span class="as-of" data-testid="as-of">
      as of {formatClock(asOf)}
    </span>
  );
}
