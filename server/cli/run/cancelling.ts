/** Ctrl-C during a run: cancels it, and says which exit code that makes. */

import type { Display } from "../display/display.js";
import type { CliContext, EndSignal } from "../process/context.js";
import { onEndSignal } from "../process/endSignals.js";
import { ExitCode } from "../process/exitCodes.js";

/** To report the end. After that the server will notice by the lease. */
const REPORT_MS = 5_000;

export interface Cancelling {
  readonly signal: AbortSignal;
  /** A second signal, or a server that cannot be told. */
  readonly givenUp: Promise<"given up">;
  exitCode(): number;
  stop(): void;
}

/** `longestMs`: so long what runs may take to end. */
export function cancelOnSignal(
  display: Display,
  context: CliContext,
  longestMs: number,
): Cancelling {
  const controller = new AbortController();
  let first: EndSignal | undefined;
  let cancelTimer = () => {};
  let stop = () => {};
  const givenUp = new Promise<"given up">((resolve) => {
    stop = onEndSignal(context, (signal) => {
      if (first !== undefined) return resolve("given up");
      first = signal;
      display.note("Cancelling; once more ends it at once.", { signal });
      controller.abort(new Error(`cancelled by ${signal}`));
      cancelTimer = context.clock.after(longestMs + REPORT_MS, () => resolve("given up"));
    });
  });
  return {
    signal: controller.signal,
    givenUp,
    exitCode: () => (first === "SIGINT" ? ExitCode.interrupted : ExitCode.cancelled),
    stop: () => {
      cancelTimer();
      stop();
    },
  };
}
