/** How a command is told to end: by which signal, and how long it is waited for before SIGKILL. */

/** As `stop_signal` may name them, `SIG` left out or not. */
const STOP_SIGNAL_NAMES = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "KILL"] as const;
export type StopSignalName = (typeof STOP_SIGNAL_NAMES)[number];
export type StopSignal = `SIG${StopSignalName}`;

export const STOP_SIGNALS = STOP_SIGNAL_NAMES.map((name): StopSignal => `SIG${name}`);

export interface StopManner {
  readonly signal: StopSignal;
  /** Between the signal and SIGKILL. */
  readonly patienceMs: number;
}

export const USUAL_STOP: StopManner = { signal: "SIGTERM", patienceMs: 10_000 };

/** The longest there is when the server stops: the end of its commands is still saved and told within five seconds. */
export const SHUTDOWN_PATIENCE_MS = 3_500;

/** Its own where it says one, the other's elsewhere. */
export const stopManner = (
  own: {
    readonly stopSignal?: StopSignal | undefined;
    readonly stopTimeoutMs?: number | undefined;
  },
  other: StopManner = USUAL_STOP,
): StopManner => ({
  signal: own.stopSignal ?? other.signal,
  patienceMs: own.stopTimeoutMs ?? other.patienceMs,
});

/** With or without `SIG`. */
export type GivenStopSignal = StopSignalName | StopSignal;
export const GIVEN_STOP_SIGNALS = [...STOP_SIGNAL_NAMES, ...STOP_SIGNALS] as const;
export const NO_STOP_SIGNAL = `must be one of ${STOP_SIGNAL_NAMES.join(", ")}, with or without SIG before it`;

/** Throws TypeError for any other. */
export function stopSignalOf(given: GivenStopSignal): StopSignal {
  const found = STOP_SIGNALS.find((signal) => signal === given || signal === `SIG${given}`);
  if (!found) throw new TypeError(`stopSignal: ${NO_STOP_SIGNAL}`);
  return found;
}
