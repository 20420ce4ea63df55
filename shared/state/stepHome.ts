/** Reads on which node of a cluster the output of an attempt is kept. A server alone names none. */
import type { Attempt, Step } from "../schema/workflow.js";

/** The name of the node; undefined where nobody said one. Older records may have anything of a driver's under this name. */
export function homeOf(of: Step | Attempt | undefined): string | undefined {
  const node: unknown = of?.node;
  return typeof node === "string" && node !== "" ? node : undefined;
}
