/** Calls a step's function, and waits for it as long as it may take: then it is told to stop, and waited for a little longer. */
import type { Clock } from "../../../shared/clock.js";
import { awakeOf } from "../../time/awake.js";
import type { StopManner } from "../definition/stopManner.js";
import { commandEndIn, untilEndIsKnown } from "../process/heldEnd.js";
import type { Underway } from "./underway.js";

export interface HandlerRunParts {
  readonly clock: Clock;
  readonly timeoutMs: number | undefined;
  /** Aborting tells it to stop. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  /** How long it is waited for once it was told to stop. */
  readonly stop: StopManner;
  /** The commands that it has running: they have their own time to end. */
  readonly commands: Underway;
}

/** A function that does not stop when it is told to cannot be ended: it has not `ended` then. */
export type HandlerEnd =
  | { readonly kind: "returned"; readonly timedOut: boolean; readonly data: unknown }
  | { readonly kind: "thrown"; readonly timedOut: boolean; readonly error: unknown }
  | { readonly kind: "not ended" };

/** Never rejects. `call` is given the signal that tells it to stop. */
export async function runHandler(
  call: (signal: AbortSignal) => unknown,
  { clock, timeoutMs, signal, hurry, stop: manner, commands }: HandlerRunParts,
): Promise<HandlerEnd> {
  const awake = awakeOf(clock);
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let timedOut = false;
  const cancelTimeout =
    timeoutMs === undefined
      ? () => {}
      : awake.after(timeoutMs, () => {
          timedOut = true;
          stop.abort(new Error("the step took too long"));
        });
  let cancelPatience = () => {};
  const notEnded = new Promise<{ readonly kind: "not ended" }>((resolve) => {
    const over = async () => {
      await commands.untilNone(clock);
      resolve({ kind: "not ended" });
    };
    const waitNoLonger = () => {
      cancelPatience = awake.after(manner.patienceMs, () => void over());
      void hurry.then(over);
    };
    if (stop.signal.aborted) waitNoLonger();
    else stop.signal.addEventListener("abort", waitNoLonger, { once: true });
  });
  const running = (async () => call(stop.signal))().then(
    (data) => ({ kind: "returned", data }) as const,
    (error: unknown) => ({ kind: "thrown", error }) as const,
  );
  const end = await Promise.race([running, notEnded]);
  cancelTimeout();
  const thrown = end.kind === "thrown" ? end.error : null;
  if (!timedOut) await untilEndIsKnown(commandEndIn(thrown), { clock, signal });
  cancelPatience();
  signal.removeEventListener("abort", onAbort);
  return end.kind === "not ended" ? end : { ...end, timedOut };
}
