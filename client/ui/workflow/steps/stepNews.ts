/** Tells a screen reader what changed between two states of a workflow: steps that moved, and the end. */
import { useLayoutEffect, useRef } from "preact/hooks";
import {
  type ProcessNews,
  placeNumber,
  processNews,
  type Step,
  type WorkflowState,
} from "../../../index.js";
import { nameOf } from "../../look/name.js";
import { lookOf } from "../../look/status.js";
import { usePage } from "../../page/page.js";
import { allSteps } from "../reading/branches.js";

/** More than this at once is a jump, and only where it landed is news. */
const MOST_STEPS_TOLD = 3;

export function useStepNews(state: WorkflowState | null): void {
  const { announcer } = usePage();
  const told = useRef<WorkflowState | null>(null);
  useLayoutEffect(() => {
    if (state && told.current) {
      for (const sentence of newsBetween(told.current, state)) announcer.say(sentence);
      const isNew = told.current.status !== state.status;
      if (isNew && (state.status === "failed" || state.status === "blocked"))
        announcer.warn(`${nameOf(state)}: ${lookOf(state.status).word}.`);
    }
    told.current = state;
  }, [state, announcer]);
}

export function newsBetween(before: WorkflowState, after: WorkflowState): string[] {
  const total = after.steps.length;
  const known = new Map(allSteps(before.steps).map((step) => [step.index, step]));
  const news = allSteps(after.steps)
    .filter(({ status }) => status !== "pending")
    .flatMap((step) => {
      const words = wordsBetween(known.get(step.index), step);
      const name = step.title ?? step.action;
      return words === null
        ? []
        : [`Step ${placeNumber(step.index)} of ${total}, ${name}: ${words}.`];
    })
    .slice(-MOST_STEPS_TOLD);
  const isTold = after.status === "failed" || after.status === "blocked";
  if (before.status !== after.status && !isTold)
    news.push(`Workflow: ${lookOf(after.status).word}.`);
  return news;
}

/** The news of a step; null for none. */
function wordsBetween(before: Step | undefined, after: Step): string | null {
  if (before === after) return null;
  if (before?.status !== after.status) return lookOf(after.status).word;
  const news = processNews(before, after);
  return news && PROCESS_WORDS[news.kind];
}

const PROCESS_WORDS: Readonly<Record<ProcessNews["kind"], string>> = {
  link_lost: "Link lost, trying again",
  link_back: "The link is back",
  taken_up: "The server was away, its command went on",
};
