/** The lines of a workflow that waits for somebody: its question, or that it was interrupted, and the command that goes on. */

import type { BlockInfo } from "../../../shared/schema/workflow.js";
import { interruptionReason } from "../../../shared/state/interruptionReason.js";
import { printable } from "../../../shared/text/printable.js";
import type { ShownWorkflow, WayOn } from "./display.js";

/** Line by line, as it was written; nothing in it steers a terminal. */
export function questionText({ prompt, block_reason }: Partial<BlockInfo>): string {
  const text = prompt ?? block_reason ?? "It waits for somebody.";
  return text
    .split("\n")
    .map((line) => printable(line))
    .join("\n");
}

/** Empty where nothing is asked. */
export function questionLines(workflow: ShownWorkflow, wayOn: WayOn): string[] {
  const { workflow_id, status, block_info } = workflow;
  if (status !== "blocked" || !block_info) return [];
  return [
    ...questionText(block_info).split("\n"),
    // The command stands at the end of its line, where nothing else is copied with it.
    `Answer on its page, or with: ${wayOn("answer", workflow_id)}`,
    ...(block_info.deadline ? [`It waits until ${printable(block_info.deadline)}.`] : []),
  ];
}

/** Behind "interrupted", why it is; empty where it is not, or nobody knows. */
export function interruptedWords({ status, interruption, definition }: ShownWorkflow): string {
  if (status !== "interrupted" || !interruption) return "";
  return `: ${interruptionReason({ interruption, definition })}`;
}

/** Null where it is not interrupted, or only its own driver can go on with it. */
export function resumeLine(workflow: ShownWorkflow, wayOn: WayOn): string | null {
  const { workflow_id, status, definition } = workflow;
  if (status !== "interrupted" || definition === undefined) return null;
  return `Resume it on its page, or with: ${wayOn("resume", workflow_id)}`;
}
