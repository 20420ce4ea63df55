/** Clearing a workflow: what is asked first, and what a refusal means. */
import { type InstepClient, type Position, SyncError } from "../index.js";
import type { Question } from "./parts/commandButton.js";

export const CLEAR_QUESTION: Question = {
  title: "Clear this workflow?",
  text: "It is removed for good, from the history too. Every tab that shows it is told.",
  yes: "Clear it",
  no: "Keep it",
};

/** Cleared only as it is on the screen: what moved on meanwhile is looked at again first. */
export async function clearWorkflow(
  client: InstepClient,
  workflow_id: string,
  expected: Position | null,
): Promise<string | null> {
  try {
    await client.propose(
      { kind: "clear", workflow_id },
      { expected: expected ?? undefined, deadlineMs: 10_000 },
    );
    return null;
  } catch (problem) {
    if (problem instanceof SyncError && problem.code === "position_moved")
      return "It changed meanwhile. Look again before you clear it.";
    return `Not cleared: ${problem instanceof Error ? problem.message : String(problem)}`;
  }
}
