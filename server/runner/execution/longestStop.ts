/** How long a workflow may take to end once somebody cancels it: its step at work, and what cleans up after it. Pure. */

import { eachDefined } from "../definition/definedSteps.js";
import type { DefinedStep, WorkflowDefinition } from "../definition/definition.js";
import { stopManner } from "../definition/stopManner.js";
import { CLEANUP_MS } from "./atWork.js";

/** In ms; the true time is far shorter nearly always. */
export function longestStop(definition: Pick<WorkflowDefinition, "steps">): number {
  const all = eachDefined(definition).map(([, step]) => step);
  const patience = all.map((step) => stopManner(step).patienceMs);
  const cleaning = all.filter(({ when }) => when === "always").map(longestCleanup);
  return Math.max(...patience) + cleaning.reduce((sum, ms) => sum + ms, 0);
}

/** A step that is tried again is tried again here, too. */
function longestCleanup(step: DefinedStep): number {
  const { timeoutMs } = step;
  if (timeoutMs === undefined) return CLEANUP_MS + stopManner(step).patienceMs;
  const attempt = timeoutMs + stopManner(step).patienceMs;
  return Math.max(CLEANUP_MS, attempt * (step.retries + 1) + step.backoffMs * step.retries);
}
