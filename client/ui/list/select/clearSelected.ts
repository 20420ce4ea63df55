/** Clearing several workflows at once: each only as it was when it was looked at, and whatever is refused is named. */
import { type InstepClient, isEnded, type Summary } from "../../../index.js";
import { clearWorkflow } from "../../commands/clearCommand.js";
import { nameOf } from "../../look/name.js";
import type { QuestionText } from "../../page/asking.js";

const AT_ONCE = 4;
const MOST_NAMED = 5;

/** Names the first few of them. */
export function clearAllQuestion(workflows: readonly Summary[]): QuestionText {
  const named = workflows.slice(0, MOST_NAMED).map((one) => `“${nameOf(one)}”`);
  const left = workflows.length - named.length;
  const names = left > 0 ? `${named.join(", ")} and ${left} more` : named.join(", ");
  const many = counted(workflows.length);
  const it = workflows.length === 1 ? "It is" : "They are";
  return {
    title: `Clear ${many}?`,
    text: `${names}. ${it} removed for good, with all output. Every tab that shows one of them is told.`,
    yes: `Clear ${many}`,
    no: workflows.length === 1 ? "Keep it" : "Keep them",
    isDanger: true,
  };
}

/** Null where all are cleared, else a sentence that names which are not, and why. */
export async function clearAll(
  client: InstepClient,
  workflows: readonly Summary[],
): Promise<string | null> {
  const left = [...workflows];
  const kept: string[] = [];
  const worker = async () => {
    for (let one = left.shift(); one; one = left.shift()) {
      const why = await clearOne(client, one);
      if (why !== null) kept.push(`${one.workflow_id}: ${why}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (kept.length === 0) return null;
  const cleared = workflows.length - kept.length;
  const named = kept.slice(0, MOST_NAMED).join(" ");
  const more = kept.length > MOST_NAMED ? ` And ${kept.length - MOST_NAMED} more.` : "";
  return `${cleared} of ${counted(workflows.length)} cleared. Kept: ${named}${more}`;
}

/** The id may belong to a workflow of another epoch by now: only the one that was selected is cleared. */
async function clearOne(
  client: InstepClient,
  { workflow_id, epoch }: Summary,
): Promise<string | null> {
  try {
    const found = await client.rest.load(workflow_id);
    if (!found) return null;
    if (found.epoch !== epoch) return "another workflow has this id now; open it to see which.";
    if (!isEnded(found.state.status)) return "it has not ended.";
    return await clearWorkflow(client, workflow_id, { expected: found });
  } catch (problem) {
    return `not cleared: ${problem instanceof Error ? problem.message : String(problem)}.`;
  }
}

export const counted = (count: number): string =>
  count === 1 ? "1 workflow" : `${count} workflows`;
