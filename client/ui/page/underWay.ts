/** Says whether the first picture of anything is on its way. */
import type { ConnectionView } from "../../index.js";

/** False where it waits, was given up, or nobody of ours answers. */
export const isUnderWay = ({ phase, problem }: ConnectionView): boolean =>
  problem === null &&
  (phase === "idle" || phase === "connecting" || phase === "live" || phase === "polling");
