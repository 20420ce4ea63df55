/** The words for the node of a cluster that a workflow waits for. */

/** `waits for a node with gpu and arm`. */
export function waitsForNode(labels: readonly string[]): string {
  const last = labels.slice(-2).join(" and ");
  return `waits for a node with ${[...labels.slice(0, -2), last].join(", ")}`;
}
