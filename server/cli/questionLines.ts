/** What a workflow asks, as lines for a terminal, and how to answer it from another. */
import type { BlockInfo } from "../../shared/workflow.js";
import { printable } from "../runner/printable.js";
import type { Named, ShownWorkflow } from "./display.js";

/** Line by line, as it was written; nothing in it steers a terminal. */
export function questionText({ prompt, block_reason }: Partial<BlockInfo>): string {
  const text = prompt ?? block_reason ?? "It waits for somebody.";
  return text
    .split("\n")
    .map((line) => printable(line))
    .join("\n");
}

/** Empty where nothing is asked. */
export function questionLines(workflow: ShownWorkflow, named: Named): string[] {
  const { workflow_id, status, block_info } = workflow;
  if (status !== "blocked" || !block_info) return [];
  const fields = Object.keys(block_info.fields ?? {}).map((name) => ` ${printable(name)}=…`);
  const until = block_info.deadline ? ` It waits until ${printable(block_info.deadline)}.` : "";
  return [
    ...questionText(block_info).split("\n"),
    `Answer on its page, or: instep answer ${named(workflow_id)}${fields.join("")}.${until}`,
  ];
}
