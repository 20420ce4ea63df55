/** The keys of a workflow's page: from step to step, from attempt to attempt, and in the log that is in view. */
import type { Step, WorkflowState } from "../../index.js";
import { type KeyActions, useKeys } from "../browser/keys.js";
import { usePage } from "../page/page.js";
import { LOG_KEYS, type LogActions } from "./output/tools/logActions.js";
import { allSteps } from "./reading/branches.js";
import { namedStep, stepName } from "./reading/selection.js";

interface WorkflowKeysOptions {
  readonly state: WorkflowState;
  /** By its index. */
  readonly selected: number;
  /** The step that is selected where the address names none. */
  readonly urgent: number;
  readonly step: Step | undefined;
  readonly logActions: { readonly current: LogActions | null };
  switchTimeline(): void;
}

export function useWorkflowKeys(options: WorkflowKeysOptions): void {
  const { state, selected, urgent, step, logActions, switchTimeline } = options;
  const { keys, router } = usePage();
  const { workflow_id, steps } = state;
  const goBy = (by: number) => {
    const order = allSteps(steps).map(({ index }) => index);
    const index = order[order.indexOf(selected) + by];
    if (index === undefined) return;
    const named = index === urgent ? {} : { step: stepName(steps, index) };
    router.go({ name: "workflow", workflow_id, ...named });
  };
  const goToAttempt = (by: number) => {
    const route = router.route.value;
    if (!step || route.name !== "workflow") return;
    const own = step.attempt ?? 1;
    const isNamed = namedStep(steps, route.step) !== null;
    const attempt = (isNamed ? (route.attempt ?? own) : own) + by;
    if (attempt < 1 || attempt > own) return;
    router.go({ name: "workflow", workflow_id, step: stepName(steps, selected), attempt });
  };
  useKeys(keys, {
    ...stepKeys(goBy),
    ...logKeys(logActions),
    "[": { label: "Attempt before", run: () => goToAttempt(-1) },
    "]": { label: "Attempt after", run: () => goToAttempt(1) },
    t: { label: "Timeline", run: switchTimeline },
  });
}

function stepKeys(goBy: (steps: number) => void): KeyActions {
  const next = { label: "Next step", repeats: true, run: () => goBy(1) };
  const before = { label: "Step before", repeats: true, run: () => goBy(-1) };
  return { j: next, ArrowDown: next, k: before, ArrowUp: before };
}

function logKeys(actions: { readonly current: LogActions | null }): KeyActions {
  return Object.fromEntries(
    LOG_KEYS.flatMap(({ keys, label, action }) =>
      keys.map((key) => [key, { label, run: () => actions.current?.[action]() }]),
    ),
  );
}
