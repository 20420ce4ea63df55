/** Ends a command where somebody or its time wants that, and remembers what became of it. */
import type { Clock } from "../../../shared/clock.js";
import { awakeOf } from "../../time/awake.js";
import { type StopManner, USUAL_STOP } from "../definition/stopManner.js";
import { notWithin } from "./endingTeller.js";
import type { CommandEnding, EndingNews, GroupEndingOptions } from "./groupEnding.js";

export interface Watched {
  /** Aborting ends the command and everything it started. */
  readonly signal: AbortSignal;
  /** From now on. */
  readonly timeoutMs?: number | undefined;
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry?: Promise<void> | undefined;
  /** `NAME=value` in its environment, by which what left the group is found again. */
  readonly mark?: string | undefined;
  /** @default SIGTERM, and SIGKILL ten seconds later */
  readonly stop?: StopManner | undefined;
  /** Told of how it ends, and of the processes that it leaves. */
  onEnding?(news: EndingNews): void;
}

/** `isSpared`: the signal was aborted for a reason that does not end it. */
export function watchOver(
  endingOf: (options: GroupEndingOptions) => CommandEnding,
  { signal, timeoutMs, hurry, mark, stop: manner = USUAL_STOP, onEnding }: Watched,
  clock: Clock,
  isSpared: (signal: AbortSignal) => boolean = () => false,
) {
  let killed: string | null = null;
  let timedOut = false;
  const tell = (news: EndingNews) => {
    if (news.kind === "killed") killed = notWithin(news.afterMs, manner);
    onEnding?.(news);
  };
  const ending = endingOf({ manner, hurry, mark, tell });
  const onAbort = () => {
    if (!isSpared(signal)) void ending.stop();
  };
  const onTimeout = () => {
    timedOut = true;
    void ending.stop(true);
  };
  const cancelTimeout =
    timeoutMs === undefined ? () => {} : awakeOf(clock).after(timeoutMs, onTimeout);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  const end = () => {
    signal.removeEventListener("abort", onAbort);
    return { timedOut, killed };
  };
  return { ending, tell, cancelTimeout, end };
}
