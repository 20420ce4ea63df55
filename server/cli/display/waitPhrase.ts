/** The phrase for a workflow that waits for something other than a step or an answer: its turn, another workflow, its end. */
import { waitsForNode } from "../../../shared/text/nodeWords.js";
import { printable } from "../../../shared/text/printable.js";
import { cleanupWords } from "./cleanupPhrases.js";
import type { ShownWorkflow } from "./display.js";

/** Null for nothing. */
export function waitWords(workflow: ShownWorkflow): string | null {
  const { status, queued, stop_requested, replaced_by } = workflow;
  if (status !== "running" && status !== "blocked") return null;
  const cleans = cleanupWords(workflow);
  if (cleans !== null) return cleans;
  if (stop_requested)
    return replaced_by === undefined
      ? "is being cancelled"
      : `is being cancelled: ${printable(replaced_by)} takes its place`;
  if (!queued) return null;
  if (queued.labels) return printable(waitsForNode(queued.labels));
  return queued.behind === undefined
    ? "waits for its turn"
    : `waits for ${printable(queued.behind)}`;
}
