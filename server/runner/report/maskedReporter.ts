/** The last step on the way of every word from a run into the state: what is secret in it goes, whatever was done to it before. */

import type { StateMerge, StepUpdate, Task } from "../../../shared/schema/workflow.js";
import { endingOf } from "../../../shared/state/cleanup.js";
import type { Redaction } from "../secrets/redaction.js";
import type { Reporter } from "./reporter.js";

type Mask = (text: string) => string;

/** `redaction` is asked for at each report: an answer may bring a new secret. */
export function maskedReporter(reporter: Reporter, redaction: () => Redaction): Reporter {
  const step = (update: StepUpdate) => maskedStep(update, redaction().text);
  const { epoch } = reporter;
  return {
    ...(epoch !== undefined && { epoch }),
    ...(reporter.past && { past: (index, attempt) => reporter.past!(index, attempt) }),
    get workflow_id() {
      return reporter.workflow_id;
    },
    get state() {
      return reporter.state;
    },
    step: (index, update) => reporter.step(index, step(update)),
    merge: (part, also) =>
      reporter.merge(
        maskedPart(part, redaction().text),
        also && { index: also.index, update: step(also.update) },
      ),
    answer: (question, answer, by) => reporter.answer(question, answer, by),
    giveUp: (index, question, update) => reporter.giveUp(index, question, step(update)),
    output: (index, attempt) => reporter.output(index, attempt),
    watch: (listener) => reporter.watch(listener),
  };
}

/** The words in it; what counts and names stays. */
function maskedStep(update: StepUpdate, mask: Mask): StepUpdate {
  const masked = { ...update };
  for (const key of ["message", "error", "completion_note"] as const) {
    const text = masked[key];
    if (typeof text === "string") masked[key] = mask(text);
  }
  if (masked.notes) masked.notes = masked.notes.map(mask);
  if (masked.tasks) masked.tasks = masked.tasks.map((task) => maskedTask(task, mask));
  if (masked.data !== undefined) masked.data = maskedDeep(masked.data, mask);
  return masked;
}

const maskedTask = (task: Task, mask: Mask): Task => ({
  ...task,
  name: mask(task.name),
  ...(task.note == null ? {} : { note: mask(task.note) }),
});

function maskedPart(part: StateMerge, mask: Mask): StateMerge {
  const { error_message, block_info } = part;
  const ending = endingOf(part);
  return {
    ...part,
    ...(ending?.error_message === undefined
      ? {}
      : { ending: { ...ending, error_message: mask(ending.error_message) } }),
    ...(error_message == null ? {} : { error_message: mask(error_message) }),
    ...(block_info?.prompt === undefined
      ? {}
      : { block_info: { ...block_info, prompt: mask(block_info.prompt) } }),
  };
}

/** Keys too: what a handler gives back is its own. */
function maskedDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => maskedDeep(one, mask));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [mask(key), maskedDeep(one, mask)]),
  );
}
