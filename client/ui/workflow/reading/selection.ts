/** Chooses the step that is looked at: the one of the address, or the one that matters most now. Pure. */
import {
  branchesOf,
  eachStep,
  indexOfNumber,
  placeNumber,
  type Step,
  stepAtIndex,
  type WorkflowState,
} from "../../../index.js";

type Steps = WorkflowState["steps"];

/** How each step and branch is named in an address, by its index. */
export function stepNames(steps: Steps): ReadonlyMap<number, string> {
  const all = eachStep({ steps });
  const count = new Map<string, number>();
  for (const [, { action }] of all) count.set(action, (count.get(action) ?? 0) + 1);
  return new Map(
    all.map(([index, { action }]) => {
      const isAlone = count.get(action) === 1;
      return [index, isAlone && indexOfNumber(action) === null ? action : placeNumber(index)];
    }),
  );
}

/** Its action, or its number from 1 where that is not unique or could be taken for one. */
export const stepName = (steps: Steps, index: number): string =>
  stepNames(steps).get(index) ?? placeNumber(index);

/** Null where the address names none, or one that is not there. */
export function namedStep(steps: Steps, name: string | undefined): number | null {
  if (name === undefined) return null;
  const index =
    indexOfNumber(name) ?? eachStep({ steps }).find(([, { action }]) => action === name)?.[0];
  return index !== undefined && stepAtIndex({ steps }, index) ? index : null;
}

/** A failed step comes before one that waits, that before one that runs; else it is the current one. */
const URGENT: readonly Step["status"][] = ["failed", "blocked", "in_progress", "interrupted"];

export function urgentStep({
  steps,
  current_step,
}: Pick<WorkflowState, "steps" | "current_step">): number {
  for (const status of URGENT) {
    const index = steps.findLastIndex((step) => step.status === status);
    // A parallel step says less than the branch that made it so. The first one: it stays the same when others begin.
    const branch = branchesOf(steps[index]).find((step) => step.status === status);
    if (index !== -1) return branch?.index ?? index;
  }
  const lastDone = steps.findLastIndex(
    ({ status }) => status !== "pending" && status !== "skipped",
  );
  return Math.max(0, Math.min(steps.length - 1, lastDone === -1 ? current_step : lastDone));
}

/** `attempt 2` of a step at work, `2 attempts` of one that has ended; null for a first. */
export function attemptText({ status, attempt = 1, attempts = [] }: Step): string | null {
  const count = Math.max(attempt, attempts.length + 1);
  if (count < 2 || status === "pending") return null;
  const isAtWork = status === "in_progress" || status === "blocked";
  return isAtWork ? `attempt ${count}` : `${count} attempts`;
}

/** Everything of a step for those who hear it: "Step 4 of 9, copy, running, 62 percent, attempt 2". */
export function stepText(step: Step, total: number, word: string): string {
  const { index, title, action, progress, status } = step;
  const percent =
    typeof progress === "number" && status === "in_progress"
      ? `, ${Math.round(progress * 100)} percent`
      : "";
  const attempts = attemptText(step);
  const again = attempts === null ? "" : `, ${attempts}`;
  return `Step ${placeNumber(index)} of ${total}, ${title ?? action}, ${word.toLowerCase()}${percent}${again}`;
}
