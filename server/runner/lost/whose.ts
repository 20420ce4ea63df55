/** Says which node of a cluster has to sort out a workflow that some server's runner had. Pure. */
import { nodeOf as runsOn } from "../../../shared/state/node.js";
import type { Nodes } from "../../cluster/cluster.js";
import type { WorkflowRecord } from "../../state/store/record.js";

/** The node that holds the record, or held it last; undefined where no node was ever named, as in what a server alone has written. */
export function nodeOf({ lease, state }: WorkflowRecord): string | undefined {
  if (lease) return lease.node;
  return (state && runsOn(state)) ?? undefined;
}

/** Whether the server of this name is the one: any is, where none was named. `me` is undefined for a server alone. */
export function isFor(record: WorkflowRecord, me: string | undefined): boolean {
  const node = me === undefined ? undefined : nodeOf(record);
  return node === undefined || node === me;
}

/**
 * Whether this node tells whoever has to be told of the workflow: the one that runs it, or ran it last; while that is away, the first by name of those that
 * are there. Always, for a server alone.
 */
export function tellsOf(
  record: WorkflowRecord,
  nodes: Pick<Nodes, "me" | "present"> | undefined,
): boolean {
  if (nodes === undefined) return true;
  const node = nodeOf(record);
  if (node !== undefined && nodes.present.has(node)) return node === nodes.me;
  const [first = nodes.me] = [...nodes.present.keys()].sort();
  return first === nodes.me;
}
