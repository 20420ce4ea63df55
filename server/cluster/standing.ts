/** The place of a server in a cluster, as far as it tells everybody who asks: its name, and since when it cannot follow the store. */
import type { Cluster, Freshness } from "./cluster.js";
import type { NodeCalls } from "./nodeCalls.js";

export interface Standing extends Freshness {
  /** Its name in the cluster; null for a server alone. */
  readonly node: string | null;
  /** The nodes whose calls are refused, as their clocks are so many ms before this server's (less than 0: behind). */
  readonly clocksApart?: ReadonlyMap<string, number>;
}

/** Of a server that shares its store with nobody: it has no name, and its view is never stale. */
export const ALONE: Standing = { node: null, staleSince: null, listen: () => () => {} };

/** As the cluster knows it: asked anew each time. */
export const standingIn = (
  { nodes, freshness }: Pick<Cluster, "nodes" | "freshness">,
  calls: Pick<NodeCalls, "clocksApart">,
): Standing => ({
  get clocksApart() {
    return new Map([...calls.clocksApart].filter(([node]) => nodes.present.has(node)));
  },
  node: nodes.me,
  get staleSince() {
    return freshness.staleSince;
  },
  listen: (listener) => freshness.listen(listener),
});
