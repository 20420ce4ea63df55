/** The things that every part of one server is given: its clock, its limits, its log, and who counts. */
import { type Clock, systemClock } from "../shared/clock.js";
import { LIMITS, type Limits } from "../shared/limits.js";
import type { InstepOptions } from "./instepOptions.js";
import { type Log, silentLog } from "./log/log.js";
import { ThrottledLog } from "./log/throttledLog.js";
import type { Metrics } from "./metrics/metrics.js";
import { guardedClock } from "./time/guardedClock.js";

export interface Basis {
  /** A timer that throws is logged, and ends nothing. */
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  /** The same log, for lines that could come with every request. */
  readonly lines: ThrottledLog;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
}

export function basisOf(
  options: Pick<InstepOptions, "clock" | "limits" | "log">,
  metrics: Metrics | null = null,
): Basis {
  const { log = silentLog } = options;
  const clock = guardedClock(options.clock ?? systemClock, (error) =>
    log.error({ err: error }, "a timer has thrown"),
  );
  const limits: Limits = { ...LIMITS, ...options.limits };
  return { clock, limits, log, lines: new ThrottledLog(log, clock), metrics };
}
