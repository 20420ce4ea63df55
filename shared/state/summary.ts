/** A workflow in one line: the seed's progress summary, and what a list needs. Pure, so that both sides compute the same. */
import { MASK, SECRET_NAMES } from "../fields/fields.js";
import type { Step, WorkflowState } from "../schema/workflow.js";
import type { WorkflowStatus } from "../statuses.js";
import { waitsForNode } from "../text/nodeWords.js";
import { shortened } from "../text/shortened.js";
import { firstLinkLost } from "./linkLost.js";
import { nodeOf } from "./node.js";
import { branchesOf } from "./stepPlace.js";

/** The seed's eight fields, and one that is there only while it says something. */
export interface Progress {
  readonly active: boolean;
  readonly workflow_id: string | null;
  readonly status: WorkflowStatus | null;
  readonly current_step: number;
  readonly total_steps: number;
  readonly progress_percent: number;
  readonly start_time: string | null;
  readonly last_update: string | null;
  /** Since when the machine that a command of it runs on is not reached; here only while that is so. */
  readonly link_lost?: string | null;
}

/** One line of the list. */
export interface Summary extends Progress {
  readonly workflow_id: string;
  readonly status: WorkflowStatus;
  readonly start_time: string;
  readonly last_update: string;
  readonly epoch: string;
  readonly name: string | null;
  readonly title: string | null;
  readonly end_time: string | null;
  /** The current step's title, or its action. */
  readonly step: string | null;
  readonly error_message: string | null;
  readonly driver: string | null;
  /** How much of it is done, 0 to 1: finished steps count whole, a step at work by its own progress. */
  readonly done: number;
  /** It runs as soon as it is its turn. */
  readonly queued: boolean;
  /** While it is interrupted: when it was last heard of. */
  readonly last_seen: string | null;
  /** Null while every machine that its commands run on is reached. */
  readonly link_lost: string | null;
  readonly in_history: boolean;
  /** The definition it was started from. */
  readonly definition: string | null;
  /** The name of whoever or whatever started it, as they gave it. */
  readonly by: string | null;
  /** The first of its inputs that everybody may see: no secrets, no connections. */
  readonly inputs: Readonly<Record<string, string | number | boolean>>;
  /** The workflow it is a retry of. */
  readonly retried_from: string | null;
  /** How long one of its definition usually takes; null once it has ended, and where nobody knows. */
  readonly usual_ms: number | null;
  /** The server of a cluster that runs it, or ran it last; missing where there is none. */
  readonly node?: string;
  /** Here only while no server of its cluster can run it: `waits for a node with gpu`. */
  readonly why_queued?: string;
}

/** The seed's formula, at most 100, two decimals: `(current_step + 1) / total_steps * 100`; a completed workflow is 100. */
export function progressPercent(state: Pick<WorkflowState, "status" | "current_step" | "steps">) {
  if (state.status === "completed") return 100;
  if (state.steps.length === 0) return 0;
  const percent = Math.min(100, ((state.current_step + 1) / state.steps.length) * 100);
  return Math.round(percent * 100) / 100;
}

/** 0 to 1: finished steps count whole, a step at work counts by its own progress, or by that of its branches. */
export function doneShare(steps: readonly Step[]): number {
  if (steps.length === 0) return 0;
  let done = 0;
  for (const step of steps) {
    if (step.status === "completed" || step.status === "skipped") done += 1;
    else if (step.status !== "pending") done += step.progress ?? doneShare(branchesOf(step));
  }
  return Math.min(1, done / steps.length);
}

/** `GET /workflow/state/summary`; null stands for "nothing there". */
export function progressOf(state: WorkflowState | null): Progress {
  if (state === null) {
    return {
      active: false,
      workflow_id: null,
      status: null,
      current_step: 0,
      total_steps: 0,
      progress_percent: 0,
      start_time: null,
      last_update: null,
    };
  }
  const lost = firstLinkLost(state.steps);
  return {
    active: state.status === "running",
    workflow_id: state.workflow_id,
    status: state.status,
    current_step: state.current_step,
    total_steps: state.steps.length,
    progress_percent: progressPercent(state),
    start_time: state.start_time,
    last_update: state.last_update,
    ...(lost && { link_lost: lost.since }),
  };
}

/** All that the state says: `usual_ms` is for those who know the past. */
export function summaryOf(state: WorkflowState, epoch: string, inHistory: boolean): Summary {
  const step = state.steps[state.current_step];
  const node = nodeOf(state);
  // Each field by name: made by spreading, so large an object takes twenty times as long.
  const summary: Summary = {
    active: state.status === "running",
    workflow_id: state.workflow_id,
    status: state.status,
    current_step: state.current_step,
    total_steps: state.steps.length,
    progress_percent: progressPercent(state),
    start_time: state.start_time,
    last_update: state.last_update,
    epoch,
    name: inOneLine(state.name),
    title: inOneLine(state.title),
    end_time: state.end_time ?? null,
    step: inOneLine(step?.title ?? step?.action),
    error_message: inOneLine(state.error_message),
    driver: inOneLine(state.driver?.name),
    done: state.status === "completed" ? 1 : Math.round(doneShare(state.steps) * 1_000) / 1_000,
    queued: state.queued !== undefined,
    last_seen: state.interruption?.last_seen ?? null,
    link_lost: firstLinkLost(state.steps)?.since ?? null,
    in_history: inHistory,
    definition: inOneLine(state.definition),
    by: typeof state.started_by === "string" ? inOneLine(state.started_by) : null,
    inputs: shownInputs(state),
    retried_from: state.retried_from?.workflow_id ?? null,
    usual_ms: null,
  };
  const { labels } = state.queued ?? {};
  if (node === null && labels === undefined) return summary;
  return {
    ...summary,
    ...(node !== null && { node: shortened(node, MOST_TEXT_CHARACTERS) }),
    ...(labels && { why_queued: shortened(waitsForNode(labels), MOST_TEXT_CHARACTERS) }),
  };
}

const MOST_INPUTS = 16;
const MOST_NAME_CHARACTERS = 64;
const MOST_VALUE_CHARACTERS = 100;

/** The text of an input as a summary has it. */
export const shownValue = (text: string): string => shortened(text, MOST_VALUE_CHARACTERS);

function shownInputs({ inputs = {}, hidden_inputs }: WorkflowState): Summary["inputs"] {
  const hidden = new Set<string>([...SECRET_NAMES, ...(hidden_inputs ?? [])]);
  const shown: [string, string | number | boolean][] = [];
  for (const [name, value] of Object.entries(inputs)) {
    if (shown.length === MOST_INPUTS) break;
    if (hidden.has(name) || value === MASK || name.length > MOST_NAME_CHARACTERS) continue;
    if (typeof value === "string") shown.push([name, shownValue(value)]);
    else if (typeof value === "number" || typeof value === "boolean") shown.push([name, value]);
  }
  return Object.fromEntries(shown);
}

/** A list is sent to everyone who has it open at every change: each line has its bound. */
const MOST_TEXT_CHARACTERS = 300;

const inOneLine = (text: string | null | undefined): string | null =>
  text == null ? null : shortened(text, MOST_TEXT_CHARACTERS);
