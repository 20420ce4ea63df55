/** Signals that ask us to end, one after the other, none lost between two awaits. */
import type { CliContext, EndSignal } from "./context.js";
import { onEndSignal } from "./endSignals.js";

export interface SignalQueue {
  /** Null where nobody wants it any more. */
  next(signal?: AbortSignal): Promise<EndSignal | null>;
  stop(): void;
}

export function signalQueue(context: Pick<CliContext, "clock" | "onSignal">): SignalQueue {
  const heard: EndSignal[] = [];
  const waiting = new Set<() => void>();
  const stop = onEndSignal(context, (signal) => {
    heard.push(signal);
    for (const wake of waiting) wake();
  });
  return {
    stop,
    async next(signal) {
      while (heard.length === 0 && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            signal?.removeEventListener("abort", wake);
            resolve();
          };
          waiting.add(wake);
          signal?.addEventListener("abort", wake, { once: true });
        });
      }
      return signal?.aborted ? null : heard.shift()!;
    },
  };
}
