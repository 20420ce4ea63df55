/** The times of a workflow's steps, attempt by attempt, as bars. Pure, and without the clock: what goes on has no end here. */
import {
  linkLostOf,
  placeOfIndex,
  processOf,
  type Step,
  spanOf,
  type WorkflowState,
} from "../../../index.js";
import { looksLike } from "../../look/stepLook.js";
import { parseTime } from "../../look/time.js";
import { allSteps } from "../reading/branches.js";

export interface Bar {
  readonly key: string;
  /** `unwatched` lies over an attempt: nobody saw then how it was. */
  readonly kind: "attempt" | "wait" | "unwatched";
  readonly status: string;
  readonly from: number;
  /** Null: up to now. */
  readonly to: number | null;
}

export interface TimelineRow {
  readonly index: number;
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  /** Kept from the workflow that this one retries: it ran then, not here. */
  readonly isKept: boolean;
  readonly from: number | null;
  /** Null while it goes on, or where nobody knows. */
  readonly to: number | null;
  readonly isGoingOn: boolean;
  readonly bars: readonly Bar[];
}

export interface TimelinePicture {
  /** Null where nothing ran. */
  readonly from: number | null;
  /** Null: up to now. */
  readonly to: number | null;
  readonly rows: readonly TimelineRow[];
  /** When the work was last interrupted; null where it was not. */
  readonly interruption: number | null;
}

export function timelineOf(state: WorkflowState): TimelinePicture {
  const interruption = parseTime(state.interruption?.at);
  // A step that was at work is drawn as far as anybody knows that it was.
  const lastSeen = parseTime(state.interruption?.last_seen) ?? interruption;
  const kept = state.retried_from?.step ?? 0;
  const rows = allSteps(state.steps).map((step) =>
    rowOf(step, isKeptFrom(step, kept), lastSeen, state.interruption),
  );
  const bars = rows.flatMap((row) => row.bars);
  if (bars.length === 0) return { from: null, to: null, rows, interruption };
  const from = Math.min(...bars.map((bar) => bar.from));
  const isOpen = state.status === "running" || state.status === "blocked";
  const last = Math.max(...bars.map((bar) => bar.to ?? bar.from), interruption ?? 0);
  const isWithin = interruption !== null && interruption >= from;
  return { from, to: isOpen ? null : last, rows, interruption: isWithin ? interruption : null };
}

/** Whether it ran in the workflow that this one retries, and not here. */
function isKeptFrom(step: Step, first: number): boolean {
  return placeOfIndex(step.index).step < first;
}

interface Tried {
  readonly attempt: number;
  readonly status: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly isGoingOn: boolean;
}

function rowOf(
  step: Step,
  isKept: boolean,
  lastSeen: number | null,
  interruption: WorkflowState["interruption"],
): TimelineRow {
  const { index, title, action, attempts = [] } = step;
  const tried: Tried[] = [
    ...attempts.map(({ attempt, status, started_at, finished_at }) => ({
      attempt,
      status,
      from: parseTime(started_at),
      to: parseTime(finished_at),
      isGoingOn: false,
    })),
    ownAttempt(step, lastSeen),
  ];
  const span = spanOf(step, interruption);
  const isWaiting = parseTime(step.retry_at) !== null;
  const bars = isKept ? [] : [...barsOf(tried, isWaiting), ...unwatchedOf(step)];
  return {
    index,
    name: title ?? action,
    status: looksLike(step),
    attempts: span?.attempts ?? 0,
    isKept,
    from: span?.from ?? parseTime(step.started_at),
    to: span?.until ?? null,
    isGoingOn: span !== null && span.until === null,
    bars,
  };
}

function ownAttempt(step: Step, lastSeen: number | null): Tried {
  const isAtWork = step.status === "in_progress" || step.status === "blocked";
  // It failed and waits for its next try, though the step is at work.
  const isWaiting = isAtWork && parseTime(step.retry_at) !== null;
  const ended = parseTime(step.finished_at);
  return {
    attempt: step.attempt ?? 1,
    status: isWaiting ? "failed" : step.status,
    from: parseTime(step.started_at),
    to: ended ?? (step.status === "interrupted" ? lastSeen : null),
    isGoingOn: isAtWork && ended === null,
  };
}

function barsOf(tried: readonly Tried[], isWaiting: boolean): Bar[] {
  const bars: Bar[] = [];
  let last: number | null = null;
  for (const { attempt, status, from, to, isGoingOn } of tried) {
    if (from === null || (to === null && !isGoingOn) || (to !== null && to < from)) continue;
    if (last !== null && from > last) {
      bars.push({ key: `wait ${attempt}`, kind: "wait", status: "pending", from: last, to: from });
    }
    bars.push({ key: `attempt ${attempt}`, kind: "attempt", status, from, to });
    last = to;
  }
  if (isWaiting && last !== null) {
    bars.push({ key: "wait", kind: "wait", status: "pending", from: last, to: null });
  }
  return bars;
}

/** The times in which its command was out of sight; the last of them may go on. */
function unwatchedOf(step: Step): Bar[] {
  const { taken_up = [] } = processOf(step.data) ?? {};
  const lost = linkLostOf(step);
  const times = [...taken_up, ...(lost ? [{ from: lost.since, to: null }] : [])];
  return times.flatMap(({ from: since, to: until }, n): Bar[] => {
    const [from, to] = [parseTime(since), parseTime(until)];
    if (from === null || (to !== null && to < from)) return [];
    return [{ key: `unwatched ${n}`, kind: "unwatched", status: "unlinked", from, to }];
  });
}
