/** The retry of an ended workflow from one of its steps: its question, and where the page goes once it began. */
import { branchesOf, firstToRetry, type WorkflowState } from "../../../index.js";
import { runCommand } from "../../commands/runCommand.js";
import type { Question } from "../../page/asking.js";
import type { Page } from "../../page/page.js";
import { stepName } from "../reading/selection.js";
import { retriesIn, retryText } from "./questions.js";

export const retryQuestion = (page: Page, state: WorkflowState, from: number): Question => ({
  about: state.workflow_id,
  readsList: true,
  textOf: (view, list) => view && retryText(view, from, retriesIn(list, state.workflow_id)),
  async run(answered) {
    const { workflow_id } = state;
    const retries = retriesIn(answered.list, workflow_id).length;
    const by = page.runs.tabName;
    // Named, a parallel step runs with all its branches; by itself a retry keeps those that are done.
    const isParallel = branchesOf(state.steps[from]).length > 0;
    const named = isParallel && from === firstToRetry(state.steps) ? {} : { from };
    const command = { kind: "retry", workflow_id, ...named, retries, by } as const;
    const result = await runCommand(page.client, command, answered);
    if (!result.ok) return result.why;
    const route = page.router.route.peek();
    // A reader who has gone elsewhere meanwhile stays there.
    if (route.name !== "workflow" || route.workflow_id === workflow_id)
      page.router.go({
        name: "workflow",
        workflow_id: result.answer.workflow_id,
        step: stepName(state.steps, from),
      });
    return null;
  },
});
