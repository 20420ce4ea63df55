/** How much of its time a workflow has used already, from what its state says: an earlier process may have run it. Pure. */

import type { Attempt, WorkflowState } from "../../../shared/schema/workflow.js";
import { waitedMs } from "../../../shared/state/stepSpan.js";

/**
 * The time that its steps have taken so far (ms), with the pauses before they were tried again, and without the waiting
 * for answers. Steps that a retry keeps count in the workflow that ran them.
 */
export function timeUsed({ steps, start_time }: WorkflowState, now: number): number {
  const began = Date.parse(start_time);
  let used = 0;
  for (const step of steps) {
    const attempts = [...(step.attempts ?? []), step].filter(
      ({ started_at }) => timeOf(started_at) >= began,
    );
    for (const [place, attempt] of attempts.entries()) {
      // Its command went on while no server watched it.
      const isAtWork = attempt.status === "in_progress" && attempt.finished_at == null;
      const until = isAtWork ? new Date(now).toISOString() : attempt.finished_at;
      used += between(attempt.started_at, until);
      const before = attempts[place - 1];
      // Between an interruption and going on, nothing of it ran.
      if (before?.status === "failed") used += between(before.finished_at, attempt.started_at);
    }
    if (attempts.length > 0) used -= waitedMs(step);
  }
  return Math.max(0, used);
}

type Time = Attempt["started_at"];

const timeOf = (text: Time): number => (text == null ? Number.NaN : Date.parse(text));

/** 0 where one of them is not known, or the wall clock was set back between them. */
function between(from: Time, until: Time): number {
  const ms = timeOf(until) - timeOf(from);
  return ms > 0 ? ms : 0;
}
