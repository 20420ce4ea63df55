/** The terminal's phrases for steps that clean up, for failures that were passed over, and for hooks that were told. */

import type { Step } from "../../../shared/schema/workflow.js";
import { endingOf, hasCleanup, isLeftOut, wentOn } from "../../../shared/state/cleanup.js";
import { type HookRun, hookRunsOf } from "../../../shared/state/hookRuns.js";
import { printable } from "../../../shared/text/printable.js";
import type { ShownStep, ShownWorkflow } from "./display.js";

/** Behind "Workflow"; null where it does not clean up. */
export function cleanupWords(workflow: ShownWorkflow): string | null {
  if (workflow.status !== "running" && workflow.status !== "blocked") return null;
  const ending = endingOf(workflow as unknown as Record<string, unknown>);
  if (ending?.status === "failed")
    return `has failed, and cleans up: ${printable(ending.error_message ?? "")}`;
  const isCleaning = ending !== null && hasCleanup(workflow.steps as readonly Step[]);
  return isCleaning ? "is being cancelled: it cleans up" : null;
}

/** "failed after 3s, and the workflow went on", with `tried` for how long; of what was left out, why. Null for any other step. */
export function stepFate(step: ShownStep, tried = ""): string | null {
  if (wentOn(step)) return `failed${tried && ` ${tried}`}, and the workflow went on`;
  return isLeftOut(step) && step.completion_note
    ? `skipped: ${printable(step.completion_note)}`
    : null;
}

/** A line for each that was told since. */
export function hookLines(workflow: ShownWorkflow, before: ShownWorkflow | undefined): string[] {
  const known = before ? runsOf(before) : [];
  return runsOf(workflow)
    .filter(({ status }) => status !== "running")
    .filter(
      (run) => !known.some((one) => one.finished_at === run.finished_at && one.kind === run.kind),
    )
    .map(
      ({ kind, status, error }) => `on_${kind}: ${status}${error ? `: ${printable(error)}` : ""}`,
    );
}

const runsOf = (workflow: ShownWorkflow): readonly HookRun[] =>
  hookRunsOf(workflow as unknown as Record<string, unknown>);
