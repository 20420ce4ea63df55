/** Signals that ask us to end: the first means in order, another one means at once. */
import type { CliContext, EndSignal } from "./context.js";

/** npm passes Ctrl-C on to a process that had it from the terminal already: one press, two signals. */
const ONE_PRESS_MS = 500;

/** Tells of each press, not of each signal. Returns what stops it. */
export function onEndSignal(
  { clock, onSignal }: Pick<CliContext, "clock" | "onSignal">,
  listener: (signal: EndSignal) => void,
): () => void {
  let last: { readonly signal: EndSignal; readonly at: number } | undefined;
  return onSignal((signal) => {
    const now = clock.elapsed();
    const isSamePress = last?.signal === signal && now - last.at < ONE_PRESS_MS;
    if (isSamePress) return;
    last = { signal, at: now };
    listener(signal);
  });
}
