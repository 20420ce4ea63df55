/** The workflows of a list as words, a row for each. */
import type { ListAnswer, Summary } from "../../../client/index.js";
import { nodeOf } from "../../../shared/state/node.js";
import { formatDuration, formatElapsed } from "../../../shared/text/duration.js";
import { printable } from "../../../shared/text/printable.js";

/** In the order of the table. */
export const COLUMNS = {
  id: "ID",
  status: "STATUS",
  done: "DONE",
  step: "STEP",
  started: "STARTED",
  definition: "DEFINITION",
  retryOf: "RETRY OF",
  node: "NODE",
  title: "TITLE",
  why: "WHY",
} as const;

export type Column = keyof typeof COLUMNS;
/** Safe for a terminal; empty where there is nothing to say. */
export type Row = Readonly<Record<Column, string>>;

export type Damaged = NonNullable<ListAnswer["damaged"]>;

/** Longer is nothing that anybody meant to read in a table. */
const CHARACTERS = 200;

/** A server alone (not `isInCluster`) sets no node: what it has under that word, a driver put there. */
export function rowOf(workflow: Summary, now: number, isInCluster = false): Row {
  const { workflow_id, status, queued, title, name, step, total_steps } = workflow;
  const place = Math.min(workflow.current_step + 1, total_steps);
  return {
    id: said(workflow_id),
    status: queued ? "queued" : said(status),
    done: `${Math.round(workflow.done * 100)}%`,
    step: total_steps === 0 ? "-" : `${place}/${total_steps} ${said(step)}`.trimEnd(),
    started: `${formatDuration(now - Date.parse(workflow.start_time))} ago`,
    definition: said(workflow.definition),
    retryOf: said(workflow.retried_from),
    node: isInCluster ? said(nodeOf(workflow)) : "",
    title: said(title ?? name),
    why: whyOf(workflow, now),
  };
}

/** Why it failed, or does not get on now. A server of before says nothing of links. */
function whyOf({ status, error_message, link_lost, why_queued }: Summary, now: number): string {
  if (status === "failed") return said(error_message);
  if (why_queued !== undefined) return said(why_queued);
  if (link_lost == null) return "";
  return `link lost ${formatElapsed(now - Date.parse(link_lost))} ago`;
}

export const damagedRow = ({ workflow_id }: Damaged[number]): Row => ({
  id: printable(workflow_id, CHARACTERS),
  status: "damaged",
  done: "-",
  step: "-",
  started: "-",
  definition: "",
  retryOf: "",
  node: "",
  title: "",
  why: "",
});

const said = (text: string | null | undefined): string => printable(text ?? "", CHARACTERS);
