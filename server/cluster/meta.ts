/** Makes, once in the life of a cluster, what all its nodes share: who the cluster is, and the secret by which nodes know each other. */
import { z } from "zod";
import type { EtcdClient } from "../etcd/etcd.js";
import { readJsonValue } from "../etcd/jsonValue.js";
import { ClusterRefused } from "./clusterRefused.js";

/** How this version lays out its keys. */
const SCHEMA = 1;
const SECRET_BYTES = 32;

const Meta = z.object({ schema: z.int(), cluster_id: z.string(), epoch: z.string() });

/** The identity of a cluster, and of the life of its data: another epoch after it was restored from a copy. */
export interface ClusterMeta {
  readonly cluster_id: string;
  readonly epoch: string;
  /** Shared by all nodes, and shown to nobody. */
  readonly secret: Buffer;
}

/** Chance, so that tests hold it. */
export interface Chance {
  readonly bytes: (count: number) => Buffer;
  readonly uuid: () => string;
}

/** Reads both, or makes them. Rejects with ClusterRefused where another version made them, and as the client does. */
export async function sharedMeta(
  client: EtcdClient,
  prefix: string,
  { bytes, uuid }: Chance,
): Promise<ClusterMeta> {
  const fresh = { schema: SCHEMA, cluster_id: uuid(), epoch: uuid() };
  const text = await madeOnce(client, `${prefix}meta`, Buffer.from(JSON.stringify(fresh)));
  const meta = readJsonValue(Meta, text);
  if (meta === null) throw new ClusterRefused(`the key ${prefix}meta of the store is damaged`);
  const { schema, cluster_id, epoch } = meta;
  if (schema !== SCHEMA) {
    throw new ClusterRefused(
      `the store below ${prefix} was made by another version of Instep (schema ${schema}, this one knows ${SCHEMA}): start that version, or give --store another prefix`,
    );
  }
  const secret = await madeOnce(client, `${prefix}secret`, bytes(SECRET_BYTES));
  if (secret.length !== SECRET_BYTES)
    throw new ClusterRefused(`the key ${prefix}secret of the store is damaged`);
  return { cluster_id, epoch, secret };
}

async function madeOnce(client: EtcdClient, key: string, value: Buffer): Promise<Buffer> {
  const { found } = await client.transact({
    compare: [{ key, target: "create", is: "equal", than: 0 }],
    writes: [{ put: key, value }],
    orElseGet: [key],
  });
  return found[0]?.value ?? value;
}
