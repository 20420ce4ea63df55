/** A workflow as JSON, one object a line, for programs. */

import { isEnded } from "../../../shared/statuses.js";
import type { Output } from "../process/context.js";
import { jsonLine } from "../text/jsonLine.js";
import type { Display, ShownStep, ShownWorkflow } from "./display.js";
import { newsOf } from "./linkPhrases.js";
import { shownStep, shownSteps } from "./shownSteps.js";

export function createJsonDisplay(stdout: Output): Display {
  const write = (event: object) => stdout.write(jsonLine(event));
  let before: ShownWorkflow | undefined;
  let nodeBefore: string | null = null;

  const showStep = (step: ShownStep, index: number) => {
    const { action, status, title, attempt, started_at, finished_at, error, data, tasks } = step;
    const times = { started_at, finished_at };
    write({ type: "step", index, action, title, status, attempt, ...times, error, data, tasks });
  };

  return {
    show(workflow, node = null) {
      const { workflow_id, status, name, title } = workflow;
      if (before?.workflow_id !== workflow_id) {
        before = undefined;
        const steps = workflow.steps.length;
        write({ type: "workflow", workflow_id, name, title, status, steps, ...(node && { node }) });
      } else if (node !== nodeBefore) write({ type: "node", workflow_id, node });
      nodeBefore = node;
      for (const [index, step] of shownSteps(workflow)) {
        const past = shownStep(before, index);
        const known = past?.status ?? "pending";
        const isOther = step.attempt !== undefined && step.attempt !== past?.attempt;
        if (step.status !== known || (before && isOther)) showStep(step, index);
        const news = newsOf(past, step);
        if (news) {
          const { action, attempt } = step;
          write({
            type: "process",
            index,
            action,
            attempt,
            news: news.kind,
            process: news.process,
          });
        }
      }
      if (before === undefined ? isEnded(status) : before.status !== status) {
        write({ type: "status", workflow_id, status, error: workflow.error_message ?? undefined });
      }
      const { block_info } = workflow;
      if (status === "blocked" && block_info && block_info.id !== before?.block_info?.id) {
        write({ type: "question", workflow_id, ...block_info });
      }
      before = workflow;
    },
    note: (sentence, facts) => write({ type: "note", message: sentence, ...facts }),
    close() {},
  };
}
