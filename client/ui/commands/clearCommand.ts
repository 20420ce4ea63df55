/** Clearing a workflow: what is asked first, and what a refusal means. */
import { type InstepClient, SyncError, type WorkflowState } from "../../index.js";
import type { Answered, QuestionText } from "../page/asking.js";

/** The question before one workflow is cleared, by its name. */
export const clearQuestion = ({ workflow_id, title, name }: WorkflowState): QuestionText => ({
  title: `Clear “${title || name || workflow_id}”?`,
  text: `${workflow_id} is removed for good, with its output. Every tab that shows it is told.`,
  yes: "Clear it",
  no: "Keep it",
  isDanger: true,
});

/** Cleared only as it is on the screen: what moved on meanwhile is looked at again first. */
export async function clearWorkflow(
  client: InstepClient,
  workflow_id: string,
  { expected, requestId }: Partial<Answered>,
): Promise<string | null> {
  try {
    await client.propose(
      { kind: "clear", workflow_id },
      {
        expected: expected ?? undefined,
        deadlineMs: 10_000,
        ...(requestId !== undefined && { requestId }),
      },
    );
    return null;
  } catch (problem) {
    if (problem instanceof SyncError && problem.code === "position_moved")
      return "It changed meanwhile. Look again before you clear it.";
    return `Not cleared: ${problem instanceof Error ? problem.message : String(problem)}`;
  }
}
