/** Opens the part of a server's storage that it shares with the other nodes of its cluster. Loaded only where there is one. */
import type { Basis } from "./basis.js";
import type { Cluster } from "./cluster/cluster.js";
import { type ClusterOptions, checkedCluster } from "./cluster/clusterOptions.js";
import { EtcdMirror } from "./cluster/etcdMirror.js";
import { type OpenedNode, openNode } from "./cluster/openNode.js";
import { type Standing, standingIn } from "./cluster/standing.js";
import type { StoreAddress } from "./cluster/storeAddress.js";
import type { JoinedCluster } from "./clusterMark.js";
import { EtcdRefused, EtcdUnreachable } from "./etcd/etcd.js";
import { openEtcd } from "./etcd/openEtcd.js";
import { DOCUMENTS, PAST } from "./state/store/etcd/etcdKeys.js";
import { EtcdStore } from "./state/store/etcd/etcdStore.js";
import { MOVE_KEY, refuseHalf } from "./state/store/moveMark.js";
import type { UndoList } from "./undoList.js";
import { SHELVES } from "./webhooks/shared/shelfValue.js";

/** A server's share in its cluster. */
export interface OpenedCluster extends Cluster, Pick<OpenedNode, "calls" | "reachedAt"> {
  readonly store: EtcdStore;
  readonly mirror: EtcdMirror;
  readonly standing: Standing;
  /** The folder that all nodes keep their output in; null where each has its own. */
  readonly outputDir: string | null;
}

/** The server that joins. */
export interface JoiningServer {
  /** Of its process. */
  readonly bootId: string;
  /** Of its data folder. */
  readonly storeId: string;
  readonly maxConcurrent: number;
  /** Where it is reached; undefined where that is known only once it listens. */
  readonly url: string | undefined;
  /** Whether the others are to take it for gone as soon as it closes: not where its commands go on, and a next server takes them up. */
  readonly saysGoodbye: () => boolean;
  /** Rejects where the data folder is none of this cluster's. */
  readonly claim: (cluster: JoinedCluster) => Promise<void>;
}

/** The store cannot be used as it is given. */
export class StoreUnreachable extends Error {
  override readonly name = "StoreUnreachable";
}

/**
 * Resolves once everything that the cluster has is here, and the others see this server. Rejects with StoreUnreachable, ClusterRefused, or with what is wrong
 * with the options. What was opened is on `undo`.
 */
export async function openCluster(
  options: ClusterOptions,
  server: JoiningServer,
  { clock, limits, log }: Pick<Basis, "clock" | "limits" | "log">,
  undo: UndoList,
): Promise<OpenedCluster> {
  const { store: address, node: name, outputDir, ...checked } = checkedCluster(options);
  const { tls, auth, labels, url, nodeCa } = checked;
  const { endpoints, prefix } = address;
  const client = openEtcd({ endpoints, tls, ...(auth && { auth }), clock });
  undo.push(() => client.close());
  try {
    const onTrouble = (why: string, error?: unknown) =>
      log.warn({ why, ...(error === undefined ? {} : { err: error }) }, "the store is read anew");
    const heavy = [DOCUMENTS, PAST, SHELVES];
    const mirror = await EtcdMirror.open({ client, prefix, clock, onTrouble, heavy });
    undo.push(() => mirror.close());
    const store = new EtcdStore({
      ...{ client, mirror, clock, leaseMs: limits.leaseMs },
      onListenerFailure: (error) => log.error({ err: error }, "a reader of commits has thrown"),
      onUnreadable: (key, error) => log.error({ err: error, key }, "a record cannot be read"),
    });
    const node = await openNode({
      ...{ client, mirror, prefix, clock, log, nodeCa },
      self: {
        ...{ name, labels, url: url ?? server.url ?? "" },
        ...{ boot_id: server.bootId, store_id: server.storeId },
        max_concurrent: server.maxConcurrent,
      },
      wrote: (revision, sentAt) => mirror.freshness.owe(revision, sentAt),
    });
    undo.push(() => node.close(server.saysGoodbye()));
    await server.claim({ cluster_id: node.clusterId, store: nameOf(address) });
    // Only now: a move that begins after this look finds this server there.
    const mark = await client.get(prefix + MOVE_KEY);
    refuseHalf(mark?.value.toString() ?? null, nameOf(address));
    const { nodes, peers, calls } = node;
    const { freshness } = mirror;
    // A place that the operator has named stays.
    const reachedAt = (at: string) => (url === null ? node.reachedAt(at) : undefined);
    const standing = standingIn({ nodes, freshness }, calls);
    return { store, mirror, nodes, peers, freshness, calls, standing, reachedAt, outputDir };
  } catch (error) {
    throw explained(error, endpoints);
  }
}

/** As people name it. */
const nameOf = ({ endpoints, prefix }: StoreAddress): string =>
  `etcd://${endpoints.map((one) => one.split("://")[1]).join(",")}${prefix.slice(0, -1)}`;

function explained(error: unknown, endpoints: readonly string[]): unknown {
  const where = endpoints.join(", ");
  if (error instanceof EtcdUnreachable)
    return new StoreUnreachable(
      `The store cannot be reached: no answer from ${where}. Is etcd running there?`,
      { cause: error },
    );
  if (error instanceof EtcdRefused)
    return new StoreUnreachable(`The store at ${where} refuses: ${error.message}`, {
      cause: error,
    });
  return error;
}
