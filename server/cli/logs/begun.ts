/** Whether a step has begun, and whether anything it printed is its own. Pure. */

import type { Step } from "../../../shared/schema/workflow.js";
import { branchesOf } from "../../../shared/state/stepPlace.js";

export const hasBegun = ({ status, log_bytes = 0 }: Step): boolean =>
  log_bytes > 0 || (status !== "pending" && status !== "skipped");

/** It has begun, and prints by itself: of a parallel step its branches do. */
export const hasOutput = (step: Step): boolean =>
  hasBegun(step) && (branchesOf(step).length === 0 || (step.log_bytes ?? 0) > 0);
