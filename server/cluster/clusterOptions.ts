/** The options that make a server a node of a cluster, and their check. */
import { isNodeName, MOST_LABELS, NODE_NAME_FORM } from "./nodeName.js";
import {
  checkedStoreAddress,
  isSecured,
  readStoreAddress,
  type StoreAddress,
} from "./storeAddress.js";

/** How the members of the store are reached with TLS: texts in PEM. */
export interface StoreTls {
  /** The authority that vouches for the members, in place of those that the system knows. */
  readonly ca?: string | undefined;
  /** This server's own, with its key; both or none. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** A user of etcd. */
export interface StoreAuth {
  readonly user: string;
  readonly password: string;
}

/** As an embedder gives them. */
export interface ClusterOptions {
  /** `etcd://h1:2379,h2:2379/prefix`, `etcds://` with TLS; or its members as `http://h1:2379`, and the prefix of its keys. */
  store: string | { endpoints: readonly string[]; prefix?: string };
  /** In PEM: who vouches for the members, and by which certificate this server shows them who it is. @default those that the system knows */
  tls?: StoreTls;
  /** The user of etcd that this server is. @default none */
  auth?: StoreAuth;
  /** The name of this server, which no other one of the cluster has. */
  node: string;
  /** The words by which a definition asks for this server, beside its name. @default none */
  labels?: readonly string[];
  /** Where the other servers reach this one, with the path it is mounted at. @default the option `url` of createInstep, or what `listen` says */
  url?: string;
  /** In PEM: who vouches for the other servers. @default those that the system knows */
  nodeCa?: string;
  /** A folder that all servers of the cluster share, for the output of steps. @default each keeps its own */
  outputDir?: string;
}

/** The same, checked. */
export interface CheckedCluster {
  readonly store: StoreAddress;
  readonly tls: StoreTls;
  readonly auth: StoreAuth | null;
  readonly node: string;
  readonly labels: readonly string[];
  /** Without a slash at its end; null where it is known only once the server listens. */
  readonly url: string | null;
  readonly nodeCa: string | null;
  readonly outputDir: string | null;
}

/** Throws with a sentence that names the option. */
export function checkedCluster(options: ClusterOptions): CheckedCluster {
  const { tls = {}, auth = null, node, labels = [], url, nodeCa, outputDir } = options;
  const store = storeOf(options.store);
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw wrong("tls", "needs cert and key, or neither");
  if (Object.values(tls).some((one) => one !== undefined) && !isSecured(store))
    throw wrong("tls", "is for members that are reached with TLS: etcds://");
  if (!isNodeName(node)) throw wrong("node", `must have ${NODE_NAME_FORM}`);
  const strange = labels.find((label) => !isNodeName(label));
  if (strange !== undefined || labels.length > MOST_LABELS)
    throw wrong("labels", `must be at most ${MOST_LABELS} words, each of ${NODE_NAME_FORM}`);
  return {
    ...{ store, tls, auth, node },
    labels: [...new Set([node, ...labels])],
    url: url === undefined ? null : nodeUrlOf(url),
    nodeCa: nodeCa ?? null,
    outputDir: outputDir ?? null,
  };
}

function storeOf(store: ClusterOptions["store"]): StoreAddress {
  try {
    return typeof store === "string" ? readStoreAddress(store) : checkedStoreAddress(store);
  } catch (error) {
    throw wrong("store", (error as Error).message);
  }
}

function nodeUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url && `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (!isPlain || !/^https?:$/.test(url.protocol))
    throw wrong("url", "must be an address like http://10.0.0.2:4747");
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

const wrong = (option: string, why: string): Error => new Error(`cluster.${option}: ${why}`);
