/** A workflow as plain lines, one for each thing that happens: for pipes, log files and CI. */

import type { ProcessNews } from "../../../shared/state/processNews.js";
import { placeNumber } from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import { printable } from "../../../shared/text/printable.js";
import type { CliContext } from "../process/context.js";
import { hookLines, stepFate } from "./cleanupPhrases.js";
import type { Display, ShownStep, ShownWorkflow, WayOn } from "./display.js";
import { LOST_SIGN, newsOf, newsWords } from "./linkPhrases.js";
import { interruptedWords, questionLines, resumeLine } from "./questionLines.js";
import { shownStep, shownSteps } from "./shownSteps.js";
import {
  attemptCount,
  colorsFor,
  lastLines,
  retryWords,
  statusPaint,
  stepError,
  stepName,
  stepSign,
  stepTime,
  workflowError,
} from "./stepLine.js";
import { waitWords } from "./waitPhrase.js";

export function createPlainDisplay(context: CliContext, wayOn: WayOn): Display {
  const { clock, stdout } = context;
  const colors = colorsFor(context);
  const write = (line: string) => stdout.write(`${line}\n`);
  let before: ShownWorkflow | undefined;
  let nodeBefore: string | null = null;

  /** The error that a step's line said whole. */
  let said: string | null = null;

  const showStep = (step: ShownStep, place: string, workflow: ShownWorkflow) => {
    const { status } = step;
    const sign = stepSign(colors, status);
    const again = (step.attempt ?? 1) > 1 ? `, attempt ${step.attempt}` : "";
    if (status === "in_progress") return write(`${sign} ${place} ${stepName(step)}${again}`);
    const time = step.finished_at ? stepTime(step, clock.now()) : null;
    const tried = [time && `after ${time}`, attemptCount(step)].filter((part) => part).join(", ");
    const how =
      stepFate(step, tried) ??
      [printable(status).replace("_", " "), tried].filter((part) => part).join(" ");
    const error = stepError(step, workflow);
    const why = error ? `: ${printable(error)}` : "";
    if (error === step.error) said = error ?? null;
    write(`${sign} ${place} ${stepName(step)}: ${how}${why}`);
    if (status === "failed") {
      for (const line of lastLines(step)) write(colors.dim(`      | ${line}`));
    }
  };

  const showNews = (news: ProcessNews, step: ShownStep, place: string) => {
    const sign =
      news.kind === "link_lost" ? colors.yellow(LOST_SIGN) : stepSign(colors, step.status);
    write(`${sign} ${place} ${stepName(step)}: ${newsWords(news)}`);
  };

  return {
    show(workflow, node = null) {
      const { workflow_id, steps, status } = workflow;
      if (before?.workflow_id !== workflow_id) {
        before = undefined;
        const name = printable(workflow.title ?? workflow.name ?? "Workflow", 120);
        write(`${colors.bold(name)} (${workflow_id})${node ? ` on ${node}` : ""}`);
      } else if (node && node !== nodeBefore) write(colors.dim(`Workflow now on ${node}`));
      nodeBefore = node;
      for (const [index, step] of shownSteps(workflow)) {
        const past = shownStep(before, index);
        const known = past?.status ?? "pending";
        const place = `[${placeNumber(index)}/${steps.length}]`;
        if (step.status !== known) showStep(step, place, workflow);
        else if (isNewlyWaiting(step, past)) write(`      ${retryWords(step, clock.now())}`);
        else if (quarterOf(step) > quarterOf(past)) {
          const said = step.message ? `  ${printable(step.message, 80)}` : "";
          write(colors.dim(`      ${quarterOf(step) * 25} %${said}`));
        } else if (isAnotherAttempt(step, past)) showStep(step, place, workflow);
        const news = newsOf(past, step);
        if (news) showNews(news, step, place);
      }
      if (before === undefined ? status !== "running" : before.status !== status) {
        const why = workflowError(workflow, said) || interruptedWords(workflow);
        const word = isEnded(status) ? status : `now ${status}`;
        write(statusPaint(colors, status)(`Workflow ${word}${why}`));
        const goesOn = resumeLine(workflow, wayOn);
        if (goesOn !== null) write(`      ${goesOn}`);
      }
      const wait = waitWords(workflow);
      if (wait !== null && wait !== (before && waitWords(before)))
        write(colors.dim(`Workflow ${wait}`));
      if (workflow.block_info?.id !== before?.block_info?.id) {
        for (const line of questionLines(workflow, wayOn)) write(`      ? ${line}`);
      }
      for (const line of hookLines(workflow, before)) write(line);
      before = workflow;
    },
    note: (sentence) => write(sentence),
    close() {},
  };
}

/** A step that fails and is tried again is at work all the time. */
const isAnotherAttempt = (step: ShownStep, before: ShownStep | undefined): boolean =>
  step.status === "in_progress" && before !== undefined && step.attempt !== before.attempt;

const isNewlyWaiting = (step: ShownStep, before: ShownStep | undefined): boolean =>
  typeof step.retry_at === "string" && step.retry_at !== before?.retry_at;

/** How many quarters are done of a step at work; a line for each is enough for a file. */
const quarterOf = (step: ShownStep | undefined): number =>
  step?.status === "in_progress" && typeof step.progress === "number"
    ? Math.min(3, Math.floor(step.progress * 4))
    : 0;
