/** Lists the other runs that want somebody: those that wait for an answer, that nobody goes on with, and that failed lately and were not looked at. Pure. */
import type { Summary } from "../../index.js";

/** A failure of yesterday morning is no news. */
const LATELY_MS = 24 * 60 * 60 * 1_000;

/** In the order of how much they want of a person. */
const WANTING = ["blocked", "interrupted", "failed"];

interface Looker {
  /** Server time (ms). */
  readonly now: number;
  /** The workflow whose page is open. */
  readonly shown: string | null;
  /** Whether this browser has shown the failed run of that epoch. */
  hasSeen(epoch: string): boolean;
}

/** The most urgent first, of each kind the newest first. */
export function wantingAttention(
  all: readonly Summary[],
  { now, shown, hasSeen }: Looker,
): Summary[] {
  const retried = new Set(all.map(({ retried_from }) => retried_from));
  const isNews = ({ workflow_id, epoch, end_time, last_update }: Summary) => {
    const age = now - Date.parse(end_time ?? last_update);
    return age < LATELY_MS && !retried.has(workflow_id) && !hasSeen(epoch);
  };
  return all
    .filter(({ status, workflow_id }) => WANTING.includes(status) && workflow_id !== shown)
    .filter((one) => one.status !== "failed" || isNews(one))
    .sort(
      (one, other) =>
        WANTING.indexOf(one.status) - WANTING.indexOf(other.status) ||
        other.last_update.localeCompare(one.last_update),
    );
}
