/** A workflow's situation in sentences: what was found, why it stopped, who drives it. */
import { type Ending, endingOf, firstLinkLost, type WorkflowState } from "../../index.js";
import { doneText, interruptionText, sentence } from "./interruption.js";
import { lookOf, type Tone } from "./status.js";
import { formatAgo, formatClock, parseTime } from "./time.js";

export interface Situation {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

export interface Viewpoint {
  /** Server time (ms). */
  readonly now: number;
  /** The name this tab drives under, and whether it drives this workflow now. */
  readonly tabName: string;
  readonly isHere: boolean;
  /** Its own page is shown, with the step at work. */
  readonly isShown?: boolean;
  /** Server time (ms) up to which the state is known to be true, where it is not current. */
  readonly asOf?: number | null;
}

/** The banner's text for a workflow that was there when the page came up. */
export function situationOf(state: WorkflowState, viewpoint: Viewpoint): Situation {
  const { tone, word } = lookOf(state.status);
  switch (state.status) {
    case "running": {
      const { asOf } = viewpoint;
      const title = asOf == null ? "Still running" : `Was running, as of ${formatClock(asOf)}`;
      return { tone, title, text: runningText(state, viewpoint) };
    }
    case "interrupted":
      return { tone, title: "Interrupted", text: interruptionText(state) };
    case "blocked": {
      const why = state.block_info?.prompt ?? state.block_info?.block_reason;
      return { tone, title: "Waiting for input", text: why ? sentence(why) : `${atStep(state)}.` };
    }
    case "completed":
    case "failed":
    case "cancelled": {
      const end = parseTime(state.end_time ?? state.last_update);
      const when = end === null ? "" : ` ${formatAgo(viewpoint.now - end)}`;
      const why = state.error_message ? ` ${sentence(state.error_message)}` : "";
      return { tone, title: `${word}${when}`, text: `${doneText(state)}.${why}` };
    }
  }
}

/** Says of a workflow that cleans up which end comes then, and why. */
export function cleanupTexts({ status, error_message = "" }: Ending): {
  readonly text: string;
  readonly error: string | null;
} {
  const why = status === "failed" ? "after a failure" : "after a cancel";
  return { text: `cleaning up ${why}`, error: error_message || null };
}

/** The name of the driver that reports the steps. A driver that only uses REST has no name: the age of its last report is all that is known. */
export function driverName(state: WorkflowState, { tabName, isHere }: Viewpoint): string {
  if (isHere) return "this tab";
  if (!state.driver) return "a REST client";
  if (state.driver.name === tabName) return "this tab, before it was loaded again";
  return state.driver.name;
}

function runningText(state: WorkflowState, viewpoint: Viewpoint): string {
  if (!viewpoint.isHere && state.driver?.name === viewpoint.tabName) {
    return "This tab was driving it before it was loaded again. In a moment it counts as interrupted, and you can go on from here.";
  }
  const heard = parseTime(state.last_update);
  const last = heard === null ? "" : `, last report ${formatAgo(viewpoint.now - heard)}`;
  // Beside its steps only what does not change with each of them: a banner that wraps moves all below it.
  const ending = endingOf(state);
  const cleanup = ending === null ? "" : ` It is ${cleanupTexts(ending).text}.`;
  const lost = parseTime(firstLinkLost(state.steps)?.since);
  const link = lost === null ? "" : ` The link to its machine is lost since ${formatClock(lost)}.`;
  const where = viewpoint.isShown ? "Driven" : `${atStep(state)}, driven`;
  return `${where} by ${driverName(state, viewpoint)}${last}.${link}${cleanup}`;
}

function atStep(state: WorkflowState): string {
  const step = state.steps[state.current_step];
  if (!step) return "No steps yet";
  return `Step ${state.current_step + 1} of ${state.steps.length}, “${step.title ?? step.action}”`;
}
