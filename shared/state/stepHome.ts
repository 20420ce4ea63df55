/** Reads on which node of a cluster the output of an attempt is kept. A server alone names none. */
import type { Attempt, Step } from "../schema/workflow.js";
import { nodeOf } from "./node.js";

/** The name of the node; undefined where nobody said one. */
export const homeOf = (of: Step | Attempt | undefined): string | undefined =>
  (of && nodeOf(of)) ?? undefined;
