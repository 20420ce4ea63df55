/** Makes a server a node: joins it to its cluster, and opens the way to the others and from them. */
import { randomBytes, randomUUID } from "node:crypto";
import { machineUp } from "../machine/processes.js";
import type { Nodes, Peers } from "./cluster.js";
import { NodeCalls } from "./nodeCalls.js";
import { type JoinParts, joinCluster } from "./nodes.js";
import { NodePeers } from "./peers.js";

export interface OpenNodeParts extends Omit<JoinParts, "chance" | "up"> {
  /** In PEM: the authority that vouches for nodes that are reached by https; null for those that the system knows. */
  readonly nodeCa: string | null;
}

/** A node that has joined. */
export interface OpenedNode {
  readonly nodes: Nodes;
  /** Made once in the life of the cluster. */
  readonly clusterId: string;
  readonly peers: Peers;
  /** Knows the calls of the others. */
  readonly calls: NodeCalls;
  /** Where this server is reached, once that is known. */
  reachedAt(url: string): void;
  /** Ends every call; then as `Membership.close`. The client and the mirror stay. */
  close(goodbye?: boolean): Promise<void>;
}

/** Resolves once the name is ours. Rejects with ClusterRefused where it may not join, and as the client does. */
export async function openNode({ nodeCa, ...parts }: OpenNodeParts): Promise<OpenedNode> {
  const { clock } = parts;
  const chance = { bytes: randomBytes, uuid: randomUUID };
  const joined = await joinCluster({ ...parts, up: machineUp, chance });
  const { nodes, reachedAt } = joined;
  const { secret } = joined.meta;
  const nonce = () => randomBytes(16).toString("base64url");
  const peers = new NodePeers({ nodes, secret, clock, nonce, ca: nodeCa });
  return {
    ...{ nodes, clusterId: joined.meta.cluster_id, peers, reachedAt },
    calls: new NodeCalls({ me: nodes.me, secret, clock }),
    close: async (goodbye) => {
      peers.close();
      await joined.close(goodbye);
    },
  };
}
