/** How long a step will still take, where that can honestly be said. */
import type { Step } from "../schema/workflow.js";
import { linkLostOf } from "./linkLost.js";

/** Sooner, a guess says more about the first file than about the rest. */
const SOONEST_MS = 10_000;

/** Milliseconds from `now`, by what it did so far; null where nobody can know: too soon, no progress, not running, or on a machine that is not reached. */
export function remainingMs(
  step: Pick<Step, "status" | "started_at" | "progress" | "data">,
  now: number,
): number | null {
  const { status, started_at, progress } = step;
  if (linkLostOf(step)) return null;
  if (status !== "in_progress" || started_at == null || progress == null) return null;
  const passed = now - Date.parse(started_at);
  if (!(passed >= SOONEST_MS) || progress <= 0 || progress >= 1) return null;
  return Math.round((passed * (1 - progress)) / progress);
}
