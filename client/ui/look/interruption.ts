/** Why nobody goes on with a workflow, and how much of it is done, in sentences. Pure. */
import { formatDuration, interruptionReason, type WorkflowState } from "../../index.js";
import { formatClock, parseTime } from "./time.js";

/** Why nobody goes on, and what is known to be done. */
export function interruptionText(state: WorkflowState): string {
  const { interruption } = state;
  const at = parseTime(interruption?.at);
  const index = interruption?.step ?? state.current_step;
  const step = state.steps[index];
  const where = step ? ` during step ${index + 1}, “${step.title ?? step.action}”` : "";
  const when = at === null ? "" : `At ${formatClock(at)}${where}: `;
  const why = interruptionReason(state);
  const note = interruption?.note ? ` ${sentence(interruption.note)}` : "";
  const heard = lastHeardText(interruption);
  const said = `${sentence(capital(`${when}${why}`))}${heard}${note} ${doneText(state)}.`;
  return `${said} Nothing runs until someone goes on.`;
}

/** How long a step ran while nobody was there to see it, nobody knows. */
function lastHeardText(interruption: WorkflowState["interruption"]): string {
  const seen = parseTime(interruption?.last_seen);
  if (seen === null) return "";
  const since = parseTime(interruption?.since);
  const ran =
    since !== null && seen - since >= 1_000
      ? `, when the step had run for ${formatDuration(seen - since)}`
      : "";
  return ` It was last heard of at ${formatClock(seen)}${ran}.`;
}

/** How many of its steps are over. */
export function doneText(state: WorkflowState): string {
  const total = state.steps.length;
  if (total === 0) return "It had no steps";
  const done = state.steps.filter(({ status }) => status === "completed" || status === "skipped");
  const verb = done.length === 1 || total === 1 ? "is" : "are";
  return `${done.length} of ${total} ${total === 1 ? "step" : "steps"} ${verb} done`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** With its full stop, or whatever ends it. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
