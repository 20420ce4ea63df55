/** The question that a workflow waits with, and the answer that lets it go on. Pure. */

import { invalid, invalidFields, SyncError } from "../../../shared/errors.js";
import {
  type Fields,
  hiddenNames,
  isSecret,
  MASK,
  maskValues,
} from "../../../shared/fields/fields.js";
import type { CommandOf } from "../../../shared/schema/command.js";
import type {
  StateInput,
  StateMerge,
  Step,
  WorkflowState,
} from "../../../shared/schema/workflow.js";
import { eachStep, mapSteps, stepAtIndex, withStepAt } from "../../../shared/state/stepPlace.js";
import { waitedMs } from "../../../shared/state/stepSpan.js";
import { isEnded } from "../../../shared/statuses.js";
import { problemOfPatterns, readFields } from "../../fields/fieldSchema.js";
import { checkGiven } from "../../fields/givenValues.js";
import type { LiveRecord } from "../store/record.js";
import { withEnd } from "./settle.js";
import type { Submission } from "./submission.js";

/** Throws SyncError `bad_message` where a question has a pattern that nothing could be held against. */
export function checkQuestion({ block_info: asked }: StateInput | StateMerge): void {
  const problem = problemOfPatterns(asked?.fields);
  if (!problem) return;
  throw invalid(`block_info.fields.${problem.path}`, problem.message);
}

/** The state with its question answered. Throws SyncError where this answer is not the one. */
export function answered(
  record: LiveRecord,
  { answer, question, by }: Pick<CommandOf<"answer">, "answer" | "question" | "by">,
  now: string,
): WorkflowState {
  const { state } = record;
  const { block_info: asked } = state;
  if (state.status !== "blocked" || !asked) throw nothingAsked(state);
  if (question !== undefined && question !== asked.id) throw anotherAsked(state);
  const fields = readFields(asked.fields ?? {});
  const values = fields ? checkedAnswer(record, fields, answer) : answer;
  const hidden = hiddenNames(asked.fields);
  const index = asked.step ?? state.current_step;
  const step = stepAtIndex(state, index);
  const waited_ms = waitedFor(asked.asked_at, now, step);
  const answeredBy = {
    at: now,
    ...(waited_ms > 0 && { waited_ms }),
    ...(by === undefined ? {} : { by }),
    ...(asked.id === undefined ? {} : { id: asked.id }),
    ...(asked.prompt === undefined ? {} : { prompt: asked.prompt }),
    ...(hidden.length === 0 ? {} : { hidden }),
  };
  const answeredStep: Step | undefined = step && {
    ...step,
    status: "in_progress",
    answer: values,
    answered: answeredBy,
  };
  const steps = answeredStep ? withStepAt(state.steps, index, answeredStep) : state.steps;
  return withEnd({ ...state, status: "running", steps, last_update: now });
}

/** With the answer that comes now (ms). */
function waitedFor(askedAt: string | null | undefined, now: string, step: Step | undefined) {
  const before = step ? waitedMs(step) : 0;
  return before + Math.max(0, Date.parse(now) - Date.parse(askedAt ?? now));
}

function checkedAnswer({ run }: LiveRecord, fields: Fields, answer: CommandOf<"answer">["answer"]) {
  const checked = checkGiven(fields, answer);
  if (!checked.ok) {
    throw invalidFields(
      checked.problems.map(({ path, message }) => ({ path: `answer.${path}`, message })),
    );
  }
  const secret = Object.keys(checked.values).find((name) => isSecret(fields[name]));
  if (secret !== undefined && run === undefined) {
    throw new SyncError(
      "bad_message",
      `answer.${secret}: only a workflow that runs in the server can be told a secret`,
      { errors: [{ path: `answer.${secret}`, message: `stays ${MASK} for its driver` }] },
    );
  }
  return maskValues(fields, checked.values);
}

/** The one that was meant is over: answered, or its deadline has passed. */
function anotherAsked(state: WorkflowState): SyncError {
  const over = nothingAsked(state);
  return over.code === "not_waiting"
    ? new SyncError("not_waiting", "that question is over; another one is asked now")
    : over;
}

/** The refusal of an answer where nothing is asked: it names the answer that came first, where one did. */
function nothingAsked(state: WorkflowState): SyncError {
  const { status } = state;
  const last = eachStep(state)
    .map(([, step]) => step)
    .filter(({ answered }) => answered != null)
    .sort((a, b) => Date.parse(b.answered!.at) - Date.parse(a.answered!.at))[0];
  if (!last?.answered && isEnded(status)) {
    return new SyncError("already_ended", `this workflow has ended (${status})`);
  }
  if (!last?.answered) {
    return new SyncError("not_waiting", `nothing is asked: the workflow is ${status}`);
  }
  const { by, at } = last.answered;
  const who = by ?? "somebody else";
  return new SyncError(
    "already_answered",
    `"${last.title ?? last.action}" was answered by ${who} at ${at}`,
  );
}

/**
 * Holds the answers that a driver keeps in its steps to whoever gave them. An answer that is kept already keeps its `by`, also where its step stands elsewhere now. Any other, and one of which the driver changed what was
 * answered, is the sender's own. The same state where the sender is not known by name.
 */
export function answeredAsKnown(
  state: WorkflowState,
  before: WorkflowState | null,
  { user }: Pick<Submission, "user">,
): WorkflowState {
  if (user === undefined) return state;
  let elsewhere: ReadonlyMap<string, unknown> | null = null;
  const steps = mapSteps(state.steps, (step, index) => {
    if (step.answered == null) return step;
    const old = before ? stepAtIndex(before, index) : undefined;
    if (old === step) return step;
    if (old?.answered != null && answerOf(old) === answerOf(step))
      return withBy(step, old.answered.by);
    elsewhere ??= new Map(before ? eachStep(before).flatMap(([, one]) => wholeOf(one)) : []);
    const [whole] = wholeOf(step);
    return withBy(step, whole && elsewhere.has(whole[0]) ? elsewhere.get(whole[0]) : user);
  });
  const isSame = steps.every((step, index) => step === state.steps[index]);
  return isSame ? state : { ...state, steps };
}

/** The same at the same place is the same answer, whatever else the driver leaves out of it. */
const answerOf = ({ answer, answered }: Step): string =>
  JSON.stringify([answered?.at, answered?.id, answer]);

/** With the question: at another place it must not become the answer to that one's. */
function wholeOf({ answer, answered }: Step): [string, unknown][] {
  if (answered == null) return [];
  const { at, id, prompt, by } = answered;
  return [[JSON.stringify([at, id, prompt, answer]), by]];
}

function withBy(step: Step, by: unknown): Step {
  const { answered } = step;
  if (answered == null || answered.by === by) return step;
  const { by: _said, ...rest } = answered;
  return { ...step, answered: by == null ? rest : { ...rest, by: String(by) } } as Step;
}
