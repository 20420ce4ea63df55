/** How a workflow of the server's own is taken up, asked to stop, resumed and answered. Pure. */

import { SyncError } from "../../shared/errors.js";
import { type Fields, hiddenNames, MASK, maskValues } from "../../shared/fields/fields.js";
import type { CommandOf } from "../../shared/schema/command.js";
import {
  isEnded,
  type StateInput,
  type StateMerge,
  type Step,
  type WorkflowState,
} from "../../shared/schema/workflow.js";
import { endingOf, hasCleanup } from "../../shared/state/cleanup.js";
import { eachStep, mapSteps, stepAtIndex, withStepAt } from "../../shared/state/stepPlace.js";
import { problemOfPatterns, readFields } from "../fields/fieldSchema.js";
import { checkGiven } from "../fields/givenValues.js";
import { withDone } from "./markedDone.js";
import type { LiveRecord } from "./record.js";
import { settleCancelled, withEnd } from "./settle.js";
import type { Prepared, RunnerLease } from "./submission.js";

const UNPROVEN =
  "It was ended without its driver's word: what the driver had started may still be running.";

/** Under the runner's lease; without one the workflow waits for its turn. */
export function underLease(
  record: LiveRecord,
  { lease, behind }: Pick<Prepared, "lease" | "behind">,
  now: string,
): LiveRecord {
  const { queued: _waited, driver: _before, ...rest } = record.state;
  const state = rest as WorkflowState;
  if (lease === null) {
    return { ...record, lease: null, state: { ...state, queued: { since: now, ...behind } } };
  }
  const token = record.fence + 1;
  return {
    ...record,
    fence: token,
    lease: { ...lease, token },
    state: { ...state, driver: { name: lease.driver, since: now } },
  };
}

/** The interrupted one in the runner's hands, or waiting for them; with the step marked as done that somebody says is. */
export function resumed(
  record: LiveRecord,
  { done, by }: CommandOf<"resume">,
  prepared: Prepared | undefined,
  now: string,
): LiveRecord {
  const { status } = record.state;
  if (status === "blocked") {
    throw new SyncError("bad_message", "answer: is required, the workflow waits for one", {
      errors: [{ path: "answer", message: "is required" }],
    });
  }
  if (record.lease) {
    throw new SyncError("stale_driver", `"${record.lease.driver}" drives this workflow now`);
  }
  if (status !== "interrupted") {
    throw new SyncError("not_waiting", `it is ${status}; only an interrupted workflow is resumed`);
  }
  if (!prepared || record.run === undefined) {
    throw new SyncError(
      "not_resumable",
      "it was not started from a definition here; its own driver can claim it and go on",
    );
  }
  const known = withLastSeen(record.state, now);
  const steps = done === undefined ? known.steps : withDone(known, done, { by, now });
  // Who goes on does not want it stopped any more.
  const { stop_requested: _asked, ...rest } = record.state;
  const before = rest as WorkflowState;
  const state = withEnd({ ...before, status: "running", steps, last_update: now });
  return underLease({ ...record, state }, prepared, now);
}

/** Nobody saw the end of what was interrupted: what is known is when it was last at work. */
function withLastSeen(state: WorkflowState, now: string): WorkflowState {
  const { last_seen, at } = state.interruption ?? {};
  const finished_at = last_seen ?? at ?? now;
  const steps = mapSteps(state.steps, (step) =>
    step.status === "interrupted" && step.finished_at == null ? { ...step, finished_at } : step,
  );
  return { ...state, steps };
}

/** The same record where nothing new is asked. An interrupted one that has to clean up does so in the runner's hands, where they are offered. */
export function stopped(
  record: LiveRecord,
  command: CommandOf<"stop">,
  prepared: Prepared | undefined,
  now: string,
): LiveRecord {
  const state = cleaningUp(record, command, prepared?.lease ?? null, now);
  if (state) return underLease({ ...record, state }, prepared!, now);
  const after = stoppedState(record, command, now);
  return after === record.state ? record : { ...record, state: after };
}

/** Null where nothing has to be cleaned up, or nobody is there who could. */
function cleaningUp(
  { state, lease }: LiveRecord,
  { now: atOnce = false }: CommandOf<"stop">,
  offered: RunnerLease | null,
  now: string,
): WorkflowState | null {
  const { interruption } = state;
  if (state.status !== "interrupted" || lease || offered === null || atOnce) return null;
  if (interruption?.processes === "ending" || !hasCleanup(state.steps)) return null;
  const left = interruption?.processes === "may_be_running" ? interruption.note : undefined;
  const ending = endingOf(state) ?? {
    status: "cancelled",
    ...(left !== undefined && { error_message: left }),
  };
  const asked = withStopRequest({ ...withLastSeen(state, now), ending }, false, now);
  return withEnd({ ...asked, status: "running", last_update: now });
}

/** The same state where nothing new is asked. */
function stoppedState(
  { state, lease }: LiveRecord,
  { now: atOnce = false }: CommandOf<"stop">,
  now: string,
): WorkflowState {
  // What a dead server left running is being ended: cancelled is said once that is proven.
  if (state.interruption?.processes === "ending") return withStopRequest(state, atOnce, now);
  if (state.interruption?.processes === "may_be_running") {
    return settleCancelled(state, now, state.interruption.note ?? UNPROVEN);
  }
  const mayBeAtWork = state.status === "running" && !state.queued;
  if (!lease && !(mayBeAtWork && !atOnce)) {
    return settleCancelled(state, now, mayBeAtWork ? UNPROVEN : null);
  }
  return withStopRequest(state, atOnce, now);
}

function withStopRequest(state: WorkflowState, atOnce: boolean, now: string): WorkflowState {
  const before = state.stop_requested;
  if (before && (before.now || !atOnce)) return state;
  const stop_requested = { at: before?.at ?? now, ...(atOnce ? { now: true } : {}) };
  return { ...state, stop_requested, last_update: now };
}

/** Throws SyncError `bad_message` where a question has a pattern that nothing could be held against. */
export function checkQuestion({ block_info: asked }: StateInput | StateMerge): void {
  const problem = problemOfPatterns(asked?.fields);
  if (!problem) return;
  const path = `block_info.fields.${problem.path}`;
  const { message } = problem;
  throw new SyncError("bad_message", `${path}: ${message}`, { errors: [{ path, message }] });
}

/** The state with its question answered. Throws SyncError where this answer is not the one. */
export function answered(
  record: LiveRecord,
  { answer = {}, question, by }: CommandOf<"resume">,
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

/** How long a step has waited for all its answers (ms): that time is nobody's work. */
function waitedFor(askedAt: string | null | undefined, now: string, step: Step | undefined) {
  const { waited_ms } = (step?.answered ?? {}) as { readonly waited_ms?: unknown };
  const before = typeof waited_ms === "number" ? waited_ms : 0;
  return before + Math.max(0, Date.parse(now) - Date.parse(askedAt ?? now));
}

function checkedAnswer({ run }: LiveRecord, fields: Fields, answer: CommandOf<"resume">["answer"]) {
  const checked = checkGiven(fields, answer ?? {});
  if (!checked.ok) {
    const errors = checked.problems.map(({ path, message }) => ({
      path: `answer.${path}`,
      message,
    }));
    const first = errors[0];
    throw new SyncError("bad_message", `${first?.path}: ${first?.message}`, { errors });
  }
  const secret = Object.keys(checked.values).find((name) => fields[name]?.type === "secret");
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

/** Who was first, where somebody was. */
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
