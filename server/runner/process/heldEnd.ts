/** Ends of commands that may be the first sign of the server's own end: held back until it is known whether that comes. */
import type { Clock } from "../../../shared/clock.js";
import { pauseFor } from "../../../shared/pause.js";

/** How a command ended, as far as it tells of signals. */
export interface CommandEnd {
  readonly exitCode: number | null;
  /** The signal that ended it. */
  readonly endedBy: string | null;
}

/**
 * A service manager, a container, a session or a machine that ends sends a signal to all its processes at once, in
 * whatever order: a command may be gone before this process has heard of it.
 */
const SIGNALLED_MS = 1_000;
/** Many a program (ssh, rsync, a trap) has an exit code of its own for that. */
const FAILED_MS = 300;
/** Enough for a signal that has come to become the end of this process. */
const LAST_MS = 100;

/** The signals by which managers, terminals and the kernel end groups of processes. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};
const SHELL_CODES = new Set(Object.values(SIGNAL_NUMBERS).map((number) => 128 + number));

/**
 * Resolves at once for a command that succeeded, and when the signal is aborted: then it was told to stop as well, and its end is no
 * failure. Otherwise within a second, and within a third of one where nothing speaks for a signal.
 */
export async function untilEndIsKnown(
  end: CommandEnd,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const held = heldFor(end);
  if (held === 0) return;
  // A timer that is late runs before what came meanwhile is heard: so the last piece begins only after that.
  await pauseFor(clock, held - LAST_MS, signal);
  if (!signal.aborted) await pauseFor(clock, LAST_MS, signal);
}

/** So much later than a server a command may end with it that a manager, a terminal or the machine ends. */
const ENDED_LATE_MS = 10_000;
/** A clock's tick, and a busy machine. */
const SLACK_MS = 500;

/** Whether a command that ended at `endedAt` may have been ended together with the server that left it at `leftAt`, in ms since 1970. */
export function isEndOfServer(end: CommandEnd, endedAt: number, leftAt: number): boolean {
  const held = heldFor(end);
  if (held === 0) return false;
  const late = held === SIGNALLED_MS ? ENDED_LATE_MS : SIGNALLED_MS;
  return endedAt > leftAt - held - SLACK_MS && endedAt < leftAt + late;
}

function heldFor({ exitCode, endedBy }: CommandEnd): number {
  if (endedBy !== null) return endedBy in SIGNAL_NUMBERS ? SIGNALLED_MS : FAILED_MS;
  if (exitCode === 0 || exitCode === null) return 0;
  return SHELL_CODES.has(exitCode) ? SIGNALLED_MS : FAILED_MS;
}

/** Reads the end of a command out of an error that a function threw about a command it started by itself. */
export function commandEndIn(error: unknown): CommandEnd {
  const { signal, exitCode, code } = (error ?? {}) as Record<string, unknown>;
  const status = exitCode ?? code;
  return {
    endedBy: typeof signal === "string" ? signal : null,
    exitCode: typeof status === "number" ? status : null,
  };
}
