/** Chooses the nodes of a cluster that take the workflows which wait: those that run the fewest. Every node chooses by the same rule; compare-and-set does the rest. */
import type { Nodes } from "../../cluster/cluster.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";
import { hasAll } from "./fitting.js";

/** The name of the node that takes it; null where all that are there, and have its labels, are full. */
export type Placement = (record: Pick<LiveRecord, "home" | "labels">) => string | null;

/**
 * By one picture of what runs, for all that wait: each that is placed counts for those after it. A tie goes to the node that took the start, and then by
 * name.
 */
export function placementBy(
  records: Iterable<WorkflowRecord>,
  { present }: Pick<Nodes, "present">,
): Placement {
  let running: Map<string, number> | null = null;
  return ({ home, labels }) => {
    // Nobody waits, as a rule: then nothing is counted.
    running ??= runningOn(records);
    const on = (name: string): number => running!.get(name) ?? 0;
    const [best = null] = [...present.values()]
      .filter((node) => hasAll(node, labels) && on(node.name) < node.max_concurrent)
      .map(({ name }) => name)
      .sort((a, b) => on(a) - on(b) || Number(b === home) - Number(a === home) || (a < b ? -1 : 1));
    if (best !== null) running.set(best, on(best) + 1);
    return best;
  };
}

function runningOn(records: Iterable<WorkflowRecord>): Map<string, number> {
  const running = new Map<string, number>();
  for (const record of records) {
    const { boot_id, node } = (isLive(record) && record.lease) || {};
    if (boot_id !== undefined && node !== undefined)
      running.set(node, (running.get(node) ?? 0) + 1);
  }
  return running;
}
