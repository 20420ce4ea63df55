/** Reads from a state which steps clean up, and an end that is decided before they have. Drivers may have such keys of their own: what is not ours counts for nothing. */

import type { Step } from "../schema/workflow.js";
import { isFinished, type StepWhen } from "../statuses.js";

/** `when`: what it waits for did not happen; `stopped`: nothing more was to run. */
export type SkipReason = "when" | "stopped";

/** How a workflow will end that still cleans up. */
export interface Ending {
  readonly status: "failed" | "cancelled";
  readonly error_message?: string;
}

export const whenOf = ({ when }: { readonly [key: string]: unknown }): StepWhen =>
  when === "failure" || when === "always" ? when : "success";

/** Left out while the workflow ran, as against one that was switched off at its start: a retry decides anew. */
export const isLeftOut = ({
  status,
  skip_reason,
}: Pick<Step, "status"> & { readonly skip_reason?: unknown }): boolean =>
  status === "skipped" && (skip_reason === "when" || skip_reason === "stopped");

/** It failed, and the workflow went on. */
export const wentOn = ({
  status,
  continued,
}: Pick<Step, "status"> & { readonly continued?: unknown }): boolean =>
  status === "failed" && continued === true;

export function endingOf({ ending }: { readonly [key: string]: unknown }): Ending | null {
  const { status, error_message } = (ending ?? {}) as Record<string, unknown>;
  if (status !== "failed" && status !== "cancelled") return null;
  return { status, ...(typeof error_message === "string" && { error_message }) };
}

/** Whether a step that always runs has not come to its end. */
export const hasCleanup = (steps: readonly Step[]): boolean =>
  steps.some((step) => whenOf(step) === "always" && !isFinished(step));

/** Where a retry begins by itself: at the first step that is not done, and only where there is no other at one that was passed over. Null where all are done. */
export function firstToRetry(steps: readonly Step[]): number | null {
  const isDone = ({ status }: Step) => status === "completed" || status === "skipped";
  const open = steps.findIndex((step) => !isDone(step) && !wentOn(step));
  const index = open === -1 ? steps.findIndex(wentOn) : open;
  return index === -1 ? null : index;
}
