/** Counts the attempts of a step. */
import type { Step } from "../schema/workflow.js";

/** A step that nobody has tried again is at its first one. */
export const attemptOf = ({ attempt }: Pick<Step, "attempt">): number => attempt ?? 1;
