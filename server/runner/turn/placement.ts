/** Chooses the node of a cluster that takes a workflow which waits: the one that runs the fewest. Every node chooses by the same rule; compare-and-set does the rest. */
import type { Nodes } from "../../cluster/cluster.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "../../state/store/record.js";

/** The name of the node; null where all that are there are full. A tie goes to the node that took the start, and then by name. */
export function placeOf(
  { home }: Pick<LiveRecord, "home">,
  records: Iterable<WorkflowRecord>,
  { present }: Pick<Nodes, "present">,
): string | null {
  const running = new Map<string, number>();
  for (const record of records) {
    const { boot_id, node } = (isLive(record) && record.lease) || {};
    if (boot_id !== undefined && node !== undefined)
      running.set(node, (running.get(node) ?? 0) + 1);
  }
  const runningOn = (name: string): number => running.get(name) ?? 0;
  const [best] = [...present.values()]
    .filter(({ name, max_concurrent }) => runningOn(name) < max_concurrent)
    .map(({ name }) => name)
    .sort(
      (a, b) =>
        runningOn(a) - runningOn(b) || Number(b === home) - Number(a === home) || (a < b ? -1 : 1),
    );
  return best ?? null;
}
