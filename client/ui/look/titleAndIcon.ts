/** The window's title and icon in the browser's tab strip, as values; hidden tabs show nothing else. */
import {
  type ConnectionView,
  doneShare,
  firstLinkLost,
  type Summary,
  type View,
  type WorkflowState,
} from "../../index.js";
import { nameOf } from "./name.js";
import { SHAPES } from "./shapes.js";
import { lookOf, type Status, shownStatus, type Tone } from "./status.js";
import { formatClock, parseTime } from "./time.js";

export interface TabStrip {
  readonly title: string;
  /** The icon: a status, and how full the ring is. */
  readonly status: string | null;
  readonly percent: number;
  /** The same for the same picture. */
  readonly icon: string;
  /** Another kind is news that does not wait. */
  readonly kind: string;
}

/** One set for both themes: the tab strip's colour is not ours to know. */
const ICON_COLOURS: Record<Tone, string> = {
  pending: "#7d8590",
  running: "#2f81f7",
  blocked: "#bf8700",
  completed: "#2da44e",
  failed: "#e5484d",
  cancelled: "#a371f7",
  skipped: "#7d8590",
  interrupted: "#d9730d",
  retrying: "#d9730d",
  unlinked: "#d9730d",
};

export function stripOf(view: View, connection: ConnectionView): TabStrip {
  const isLost = view.phase === "stale" || ["offline", "stopped"].includes(connection.phase);
  const lost = view.staleSince !== null ? "◷ " : isLost ? "⌁ " : "";
  const status = view.state && statusOf(view.state);
  // In steps of five, so that the icon is not drawn again for every report.
  const percent = view.state ? Math.round(doneShare(view.state.steps) * 20) * 5 : 0;
  return {
    title: lost + titleOf(view),
    status,
    percent,
    icon: `${status} ${percent}`,
    kind: `${view.subject} ${status} ${isLost}`,
  };
}

function titleOf(view: View): string {
  if (view.list) return listTitle(Object.values(view.list.workflows));
  if (!view.state) return "Instep";
  return view.closed === "cleared" ? `Cleared · ${nameOf(view.state)}` : workflowTitle(view.state);
}

/** While a command's machine is not reached, that is what the tab says first. */
const statusOf = (state: WorkflowState): Status =>
  state.status === "running" && firstLinkLost(state.steps) ? "unlinked" : shownStatus(state);

export function iconAddress({ status, percent }: Pick<TabStrip, "status" | "percent">): string {
  const tone = status === null ? "running" : lookOf(status).tone;
  const shape = SHAPES[tone];
  const colour = ICON_COLOURS[tone];
  const line = `fill="none" stroke="${colour}" stroke-width="2.5"`;
  const drawn = shape.solid
    ? `<path d="${shape.body}" fill="${colour}"/><path d="${shape.mark}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>`
    : `<path d="${shape.body}" ${line} stroke-opacity=".35"/><path d="${shape.body}" ${line} pathLength="100" stroke-dasharray="${percent} 100"/><path d="${shape.mark}" fill="${colour}" stroke="${colour}" stroke-width="1.5"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="32" height="32">${drawn}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function workflowTitle(state: WorkflowState): string {
  const { character, word } = lookOf(statusOf(state));
  const name = nameOf(state);
  const step = state.steps[state.current_step];
  switch (state.status) {
    case "running":
      if (state.queued !== undefined) return `${character} ${word} · ${name}`;
      if (!step) return `${character} ${name}`;
      return `${character} ${linkText(state)}${state.current_step + 1}/${state.steps.length} ${step.action} · ${name}`;
    case "failed": {
      const failed = state.steps.findLast(({ status }) => status === "failed") ?? step;
      const why = failed?.error ?? state.error_message ?? "";
      const where = failed ? ` at “${failed.title ?? failed.action}”` : "";
      return `${character} ${word}${where}${why && `: ${near(why)}`} · ${name}`;
    }
    case "completed":
      return `${character} ${name}`;
    case "blocked":
    case "interrupted":
    case "cancelled":
      return `${character} ${word} · ${name}`;
  }
}

/** Since when, and not for how long: the clocks of a hidden tab stand still. */
function linkText({ steps }: WorkflowState): string {
  const since = parseTime(firstLinkLost(steps)?.since);
  return since === null ? "" : `link lost since ${formatClock(since)} · `;
}

const MOST_WHY_CHARACTERS = 100;

/** In the strip there is room for a few words, and under the pointer for a line. */
function near(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line.length > MOST_WHY_CHARACTERS ? `${line.slice(0, MOST_WHY_CHARACTERS - 1)}…` : line;
}

/** A workflow that wants somebody comes before one that goes on by itself, and one whose machine is not reached before those that are. */
function listTitle(workflows: readonly Summary[]): string {
  const count = (status: string) => workflows.filter((one) => one.status === status).length;
  const blocked = count("blocked");
  if (blocked > 0) return `? ${blocked} ${blocked === 1 ? "needs" : "need"} input · Instep`;
  const running = count("running");
  const lost = workflows.filter(({ link_lost }) => link_lost != null).length;
  if (lost > 0) return `↯ ${lost} of ${running} running: link lost · Instep`;
  return running > 0 ? `▶ ${running} running · Instep` : "Instep";
}
