/** From how the branches of a step ended to how the step ended. Pure. */
import { counted } from "../../../../shared/text/counted.js";
import type { StepEnd } from "../stepExecution.js";

export interface BranchEnd extends Pick<StepEnd, "status" | "error"> {
  /** Its title, or its action. */
  readonly name: string;
  /** It had been told to stop before it ended. */
  readonly isStopped: boolean;
  /** Its failure is none of its step. */
  readonly goesOn: boolean;
}

/** So many failures are told in full. */
const MOST_TOLD = 3;

/** `ends` of the branches that ran now, in any order; those done before went well. `isCancelled`: the whole workflow had to stop. */
export function endOfBranches(
  ends: readonly BranchEnd[],
  isCancelled: boolean,
): Pick<StepEnd, "status" | "error"> {
  const failed = ends.filter(({ status, goesOn }) => status === "failed" && !goesOn);
  // The failure of a branch that was stopped says what may still be running: no word of a cancel may hide that.
  const told = isCancelled ? failed.filter(({ isStopped }) => isStopped) : failed;
  if (told.length > 0) return { status: "failed", error: wordsOf(told) };
  return { status: isCancelled ? "cancelled" : "completed", error: null };
}

function wordsOf(failed: readonly BranchEnd[]): string {
  const told = failed.slice(0, MOST_TOLD).map(({ name, error }) => `${name}: ${error}`);
  const left = failed.length - told.length;
  return [...told, ...(left > 0 ? [`and ${counted(left, "other")} failed`] : [])].join("; ");
}
