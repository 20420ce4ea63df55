/** Real time, only faster: for deadlines of minutes that real processes have to meet. */
import { onTestFinished } from "vitest";
import { type ManualClock, manualClock } from "./manualClock.js";

const MOVE_EVERY_MS = 5;

/** Moves by itself until the test is over. Never late by its own measure: on a busy machine it is slow, which nobody takes for sleep. */
export function hastyClock(times: number): ManualClock {
  const clock = manualClock(Date.now());
  const timer = setInterval(() => clock.advance(MOVE_EVERY_MS * times), MOVE_EVERY_MS);
  onTestFinished(() => clearInterval(timer));
  return clock;
}
