/** The picture of a workflow in the element: made of text nodes and attributes alone, drawn anew where something differs. */
import type { Step, View, WorkflowState } from "../index.js";
import type { Told } from "./freshness.js";

const SIGNS: Readonly<Record<string, string>> = {
  pending: "○",
  in_progress: "▶",
  running: "▶",
  blocked: "?",
  completed: "✓",
  failed: "✕",
  cancelled: "■",
  skipped: "⊘",
  interrupted: "!",
};

/** More than these are not drawn: the element is a glance, the page of Instep has all. */
const MOST_STEPS = 100;

export function pictureOf({ state }: View, { standing, words }: Told, fallback: string): Node[] {
  const title = state?.title || state?.workflow_id || fallback;
  const head = made("header", "head", [
    made("h2", "title", [title]),
    made("span", "standing", [words]),
  ]);
  if (!state) return [head];
  const body = made("div", "body", bodyOf(state));
  if (standing !== "live" && standing !== "ended") body.classList.add("is-old");
  return [head, body];
}

function bodyOf(state: WorkflowState): Node[] {
  const shown = state.steps.slice(0, MOST_STEPS);
  const left = state.steps.length - shown.length;
  const done = document.createElement("progress");
  done.max = Math.max(1, state.steps.length);
  done.value = state.steps.filter(
    ({ status }) => status === "completed" || status === "skipped",
  ).length;
  done.part.add("progress");
  done.ariaLabel = `${done.value} of ${state.steps.length} steps done`;
  const question = state.status === "blocked" ? state.block_info?.prompt : undefined;
  return [
    made("p", "status", [`${statusWords(state)}${question ? `: ${question}` : ""}`]),
    done,
    made("ol", "steps", shown.map(stepOf)),
    ...(left > 0 ? [made("p", "more", [`and ${left} more`])] : []),
    ...(state.error_message ? [made("p", "error", [state.error_message])] : []),
  ];
}

function stepOf(step: Step): Node {
  const { status, title, action, message } = step;
  const sign = made("span", "sign", [SIGNS[status] ?? "○"]);
  sign.ariaHidden = "true";
  const line = made("li", "step", [
    sign,
    made("span", "name", [title || action]),
    made("span", "word", [stepWords(step)]),
    ...(message && status !== "completed" ? [made("span", "message", [message])] : []),
  ]);
  line.dataset.status = status;
  return line;
}

function stepWords({ status, progress }: Step): string {
  const share = typeof progress === "number" ? ` ${Math.round(progress * 100)} %` : "";
  return status === "in_progress" ? `running${share}` : status.replaceAll("_", " ");
}

/** The status of a workflow for people. */
export const statusWords = ({ status, queued }: WorkflowState): string =>
  status === "running" && queued !== undefined ? "waiting for its turn" : status;

/** An element of that class, which is also its part; text becomes text nodes. */
function made(tag: string, name: string, content: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.part.add(name);
  element.append(...content);
  return element;
}
