/** Says beside the output that a machine is not reached, or is again: without a word it would look as if the command printed nothing. */
import type { InstepClient, WorkflowState } from "../../../client/index.js";
import { eachStep, stepAtIndex } from "../../../shared/state/stepPlace.js";
import { newsOf, newsWords } from "../display/linkPhrases.js";
import { stepName } from "../display/stepLine.js";

interface NotedSteps {
  readonly workflow_id: string;
  /** Only this one; all of them where missing. */
  readonly step?: number | undefined;
}

/** Returns what stops it. */
export function noteLinks(
  { workflow_id, step: only }: NotedSteps,
  client: Pick<InstepClient, "watch">,
  say: (sentence: string) => void,
): () => void {
  let before: WorkflowState | null = null;
  return client.watch(workflow_id, ({ state }) => {
    if (state === null) return;
    for (const [index, step] of eachStep(state)) {
      if (only !== undefined && index !== only) continue;
      const news = newsOf(before ? stepAtIndex(before, index) : undefined, step);
      if (news) say(`${stepName(step)}: ${newsWords(news)}`);
    }
    before = state;
  });
}
