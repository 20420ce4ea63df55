/** Says which nodes of a cluster may run a workflow, by the labels that its definition asks for. Pure. */
import type { Nodes, NodeView } from "../../cluster/cluster.js";
import type { WaitsFor } from "../../state/rules/submission.js";

/** Where a workflow may run, by who is there now. */
export interface Fit {
  /** This server has all of the labels. */
  readonly isHere: boolean;
  /** No node that is there has them. */
  readonly lacking?: Required<Pick<WaitsFor, "labels">>;
}

/** A server alone looks at no labels: there is no other one. */
export function fitOf(
  labels: readonly string[] | undefined,
  nodes: Pick<Nodes, "me" | "present"> | undefined,
): Fit {
  if (labels === undefined || nodes === undefined) return { isHere: true };
  const fitting = [...nodes.present.values()].filter((node) => hasAll(node, labels));
  if (fitting.length === 0) return { isHere: false, lacking: { labels: [...labels] } };
  return { isHere: fitting.some(({ name }) => name === nodes.me) };
}

/** Whether the node may run what asks for these labels. */
export const hasAll = (
  { labels: own }: Pick<NodeView, "labels">,
  labels: readonly string[] = [],
): boolean => labels.every((label) => own.includes(label));
