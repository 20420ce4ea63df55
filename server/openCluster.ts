/** Opens the part of a server's storage that it shares with the other nodes of its cluster. Loaded only where there is one. */
import type { Basis } from "./basis.js";
import { type ClusterOptions, checkedCluster } from "./cluster/clusterOptions.js";
import { EtcdMirror } from "./cluster/etcdMirror.js";
import { EtcdRefused, EtcdUnreachable } from "./etcd/etcd.js";
import { openEtcd } from "./etcd/openEtcd.js";
import { DOCUMENTS, PAST } from "./state/store/etcd/etcdKeys.js";
import { EtcdStore } from "./state/store/etcd/etcdStore.js";
import type { UndoList } from "./undoList.js";

export interface OpenedCluster {
  readonly store: EtcdStore;
  readonly mirror: EtcdMirror;
  readonly node: string;
}

/** The store cannot be used as it is given. */
export class StoreUnreachable extends Error {
  override readonly name = "StoreUnreachable";
}

/** Resolves once everything that the cluster has is here. Rejects with StoreUnreachable, or with what is wrong with the options. What was opened is on `undo`. */
export async function openCluster(
  options: ClusterOptions,
  { clock, limits, log }: Pick<Basis, "clock" | "limits" | "log">,
  undo: UndoList,
): Promise<OpenedCluster> {
  const { store: address, tls, auth, node } = checkedCluster(options);
  const { endpoints, prefix } = address;
  const client = openEtcd({ endpoints, tls, ...(auth && { auth }), clock });
  undo.push(() => client.close());
  const onTrouble = (why: string, error?: unknown) =>
    log.warn({ why, ...(error === undefined ? {} : { err: error }) }, "the store is read anew");
  const mirror = await EtcdMirror.open({
    ...{ client, prefix, clock, onTrouble },
    heavy: [DOCUMENTS, PAST],
  }).catch((error: unknown) => {
    throw explained(error, endpoints);
  });
  undo.push(() => mirror.close());
  const store = new EtcdStore({
    ...{ client, mirror, clock, leaseMs: limits.leaseMs },
    onListenerFailure: (error) => log.error({ err: error }, "a reader of commits has thrown"),
    onUnreadable: (key, error) => log.error({ err: error, key }, "a record cannot be read"),
  });
  return { store, mirror, node };
}

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
