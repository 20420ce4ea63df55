/** Room for output on the disk: decides which workflow gives up which output where there is too much of it. */
import type { Limits } from "../../shared/limits.js";

/** The bounds of output: of one attempt, of one workflow, of all, and of attempts in a step. */
export type OutputLimits = Pick<
  Limits,
  "outputBytes" | "outputWorkflowBytes" | "outputTotalBytes" | "outputAttempts"
>;

/**
 * `middles`: of each output all but its first and its newest segment. `earlier`: whole outputs, but for the one that was printed to
 * last. `all`: that one, too.
 */
export type Given = "middles" | "earlier" | "all";

/** One workflow's output, as far as it takes room. */
export interface Holder {
  /** On the disk now. */
  readonly bytes: number;
  /** Leaves out about so many bytes of a kind, what was printed to least lately first; resolves once they are off the disk. */
  give(kind: Given, wanted: number): Promise<void>;
}

/** All workflows with output, in the order in which they give it up. */
export interface Holders {
  /** Cleared from view, the oldest first. */
  readonly history: readonly Holder[];
  /** Ended and still in view, the oldest first. */
  readonly ended: readonly Holder[];
  readonly running: readonly Holder[];
}

/** This part of the limit is made free beyond it, so that not every append has to look for more. */
const SPARE = 1 / 16;
const KINDS: readonly Given[] = ["middles", "earlier", "all"];

/** The bytes that are left once room was made below a limit. */
export const goalBelow = (limit: number): number => limit - Math.floor(limit * SPARE);

/**
 * The oldest of the history goes first, and whole. Of those that run, the one that holds most gives first, and nobody whose share of
 * the limit is not used up.
 */
export async function makeRoom(
  { history, ended, running }: Holders,
  total: () => number,
  goal: number,
): Promise<void> {
  for (const holder of [...history, ...ended]) {
    if (total() <= goal) return;
    await holder.give("all", Number.POSITIVE_INFINITY);
  }
  const printing = running.filter(({ bytes }) => bytes > 0);
  const share = Math.floor(goal / printing.length);
  for (const holder of printing.sort((one, other) => other.bytes - one.bytes)) {
    if (total() <= goal) return;
    await shrink(holder, Math.max(share, holder.bytes - (total() - goal)));
  }
}

/** As little of one workflow's output as does. */
export async function shrink(holder: Holder, goal: number): Promise<void> {
  for (const kind of KINDS) {
    if (holder.bytes <= goal) return;
    await holder.give(kind, holder.bytes - goal);
  }
}
