/** The times of a workflow's steps, attempt by attempt, as bars. Pure. */
import type { Step, WorkflowState } from "../../index.js";
import { parseTime } from "../time.js";

export interface Bar {
  readonly key: string;
  readonly kind: "attempt" | "wait";
  readonly status: string;
  readonly from: number;
  readonly to: number;
}

export interface TimelineRow {
  readonly index: number;
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly from: number | null;
  /** Null while it runs. */
  readonly to: number | null;
  readonly bars: readonly Bar[];
}

export interface TimelinePicture {
  /** Null where nothing ran. */
  readonly from: number | null;
  readonly to: number;
  readonly rows: readonly TimelineRow[];
  /** When the work was last interrupted; null where it was not. */
  readonly interruption: number | null;
}

/** `now`: the time the picture is true for. */
export function timelineOf(state: WorkflowState, now: number): TimelinePicture {
  const rows = state.steps.map((step) => rowOf(step, now));
  const bars = rows.flatMap((row) => row.bars);
  const interruption = parseTime(state.interruption?.at);
  if (bars.length === 0) return { from: null, to: now, rows, interruption };
  const from = Math.min(...bars.map((bar) => bar.from));
  const to = Math.max(...bars.map((bar) => bar.to), interruption ?? 0, from + 1_000);
  return {
    from,
    to,
    rows,
    interruption: interruption !== null && interruption >= from ? interruption : null,
  };
}

function rowOf(step: Step, now: number): TimelineRow {
  const { index, title, action, status, attempts = [] } = step;
  const isAtWork = status === "in_progress" || status === "blocked";
  const over = attempts.map(({ attempt, status, started_at, finished_at }) => ({
    attempt,
    status,
    from: parseTime(started_at),
    to: parseTime(finished_at),
  }));
  const own = {
    attempt: step.attempt ?? 1,
    status,
    from: parseTime(step.started_at),
    to: parseTime(step.finished_at) ?? (isAtWork ? now : null),
  };
  const bars: Bar[] = [];
  let last: number | null = null;
  for (const { attempt, status, from, to } of [...over, own]) {
    if (from === null || to === null || to < from) continue;
    if (last !== null && from > last) {
      bars.push({ key: `wait ${attempt}`, kind: "wait", status: "pending", from: last, to: from });
    }
    bars.push({ key: `attempt ${attempt}`, kind: "attempt", status, from, to });
    last = to;
  }
  return {
    index,
    name: title ?? action,
    status,
    attempts: over.length + (own.from === null ? 0 : 1),
    from: bars[0]?.from ?? null,
    to: isAtWork ? null : (bars.at(-1)?.to ?? null),
    bars,
  };
}
