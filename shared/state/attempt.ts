/** Which attempt of a step it is. */
import type { Step } from "../schema/workflow.js";

/** A step that nobody has tried again is at its first one. */
export const attemptOf = ({ attempt }: Pick<Step, "attempt">): number => attempt ?? 1;
