/** What a workflow asks, as lines for a terminal, and how to answer it from another. */
import type { BlockInfo } from "../../shared/workflow.js";
import { printable } from "../runner/printable.js";
import type { AnswerLine, ShownWorkflow } from "./display.js";

/** Line by line, as it was written; nothing in it steers a terminal. */
export function questionText({ prompt, block_reason }: Partial<BlockInfo>): string {
  const text = prompt ?? block_reason ?? "It waits for somebody.";
  return text
    .split("\n")
    .map((line) => printable(line))
    .join("\n");
}

/** Empty where nothing is asked. */
export function questionLines(workflow: ShownWorkflow, answerLine: AnswerLine): string[] {
  const { workflow_id, status, block_info } = workflow;
  if (status !== "blocked" || !block_info) return [];
  return [
    ...questionText(block_info).split("\n"),
    // The command stands at the end of its line, where nothing else is copied with it.
    `Answer on its page, or with: ${answerLine(workflow_id)}`,
    ...(block_info.deadline ? [`It waits until ${printable(block_info.deadline)}.`] : []),
  ];
}
