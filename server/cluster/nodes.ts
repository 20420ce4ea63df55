/** Joins a server to its cluster: the name, the shared secret, and who else is there. */
import type { Clock } from "../../shared/clock.js";
import type { EtcdClient } from "../etcd/etcd.js";
import type { Log } from "../log/log.js";
import type { Nodes, NodeView } from "./cluster.js";
import type { KeyMirror } from "./keyMirror.js";
import { Membership } from "./membership.js";
import { type Chance, type ClusterMeta, sharedMeta } from "./meta.js";
import { Presence } from "./presence.js";

export interface JoinParts {
  readonly client: EtcdClient;
  readonly mirror: Pick<KeyMirror, "follow" | "transact">;
  /** Of all keys in etcd. */
  readonly prefix: string;
  readonly clock: Clock;
  /** Seconds that the machine has been up; null where it does not tell. */
  readonly up: () => number | null;
  readonly log: Log;
  readonly chance: Chance;
  /** This server, but for `since`; `url` is empty where it is not known yet. */
  readonly self: Omit<NodeView, "since">;
  /** Told after each put of our own key, every two seconds: whoever follows the keys has to hear of that revision. */
  readonly wrote: (revision: number, sentAt: number) => void;
}

/** A server's place in its cluster. */
export interface Joined {
  readonly nodes: Nodes;
  readonly meta: ClusterMeta;
  /** Where this server is reached, once that is known. */
  reachedAt(url: string): void;
  /** As `Membership.close`. Leaves nothing open. The client and the mirror stay. */
  close(goodbye?: boolean): Promise<void>;
}

/** Resolves once the name is ours. Rejects with ClusterRefused where it may not join, and as the client does; then it holds nothing. */
export async function joinCluster(parts: JoinParts): Promise<Joined> {
  const { client, mirror, prefix, clock, up, log, chance, self, wrote } = parts;
  const meta = await sharedMeta(client, prefix, chance);
  const view: NodeView = { ...self, since: new Date(clock.now()).toISOString() };
  const own = await Membership.claim({ client, prefix, clock, up, log, view, wrote });
  const presence = new Presence({ me: self.name, mirror, clock, log });
  return {
    meta,
    nodes: nodesOf(own, presence),
    reachedAt: (url) => own.reachedAt(url),
    close: async (goodbye) => {
      presence.close();
      await own.close(goodbye);
    },
  };
}

function nodesOf(own: Membership, presence: Presence): Nodes {
  return {
    me: own.view.name,
    get present() {
      return presence.present;
    },
    awaySince: (name) => presence.awaySince(name),
    listen: (listener) => presence.listen(listener),
    get isSure() {
      return own.isSure;
    },
    get stay() {
      return own.stay;
    },
  };
}
