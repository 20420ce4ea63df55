/** What the browser's tab strip shows, as values: the title of the window and the icon, for hidden tabs above all. */
import type { ConnectionView, Summary, View, WorkflowState } from "../../index.js";
import { doneShare } from "./progress.js";
import { SHAPES } from "./shapes.js";
import { lookOf, type Tone } from "./status.js";

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
};

export function titleOf(view: View, connection: ConnectionView): string {
  const isLost = view.phase === "stale" || ["offline", "stopped"].includes(connection.phase);
  const lost = isLost ? "⌁ " : "";
  if (view.list) return lost + listTitle(Object.values(view.list.workflows));
  if (view.state) return lost + workflowTitle(view.state);
  return `${lost}Instep`;
}

/** Which icon: `percent` moves in steps of five, so that the icon is not drawn again for every report. */
export function iconOf(view: View): { status: string; percent: number } | null {
  if (!view.state) return null;
  const { status, steps } = view.state;
  return { status, percent: Math.round(doneShare(steps) * 20) * 5 };
}

export function iconAddress(icon: { status: string; percent: number } | null): string {
  const tone = icon ? lookOf(icon.status).tone : "pending";
  const shape = SHAPES[tone];
  const colour = icon ? ICON_COLOURS[tone] : ICON_COLOURS.running;
  const body = shape.solid
    ? `<path d="${shape.body}" fill="${colour}"/>`
    : `<path d="${shape.body}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-opacity=".35"/>`;
  const arc = icon
    ? `<path d="${shape.body}" fill="none" stroke="${colour}" stroke-width="2.5" pathLength="100" stroke-dasharray="${icon.percent} 100"/>`
    : "";
  const mark = shape.solid
    ? `<path d="${shape.mark}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>`
    : `<path d="${shape.mark}" fill="${colour}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="32" height="32">${body}${shape.solid ? "" : arc}${mark}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function workflowTitle(state: WorkflowState): string {
  const { character, word } = lookOf(state.status);
  const name = state.title ?? state.name ?? state.workflow_id;
  const step = state.steps[state.current_step];
  switch (state.status) {
    case "running":
      if (!step) return `${character} ${name}`;
      return `${character} ${state.current_step + 1}/${state.steps.length} ${step.action} · ${name}`;
    case "failed":
      return `${character} ${step ? `${step.action} failed` : word} · ${name}`;
    case "completed":
      return `${character} ${name}`;
    case "blocked":
    case "interrupted":
    case "cancelled":
      return `${character} ${word} · ${name}`;
  }
}

function listTitle(workflows: readonly Summary[]): string {
  const running = workflows.filter(({ status }) => status === "running").length;
  return running > 0 ? `▶ ${running} running · Instep` : "Instep";
}
