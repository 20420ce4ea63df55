/** Small transactions, as tests of etcd's client make them. */
import type { EtcdClient, LeaseId, TransactionResult } from "../../../server/etcd/etcd.js";

/** Whatever was there. */
export async function put(
  client: EtcdClient,
  key: string,
  value: string | Buffer,
  lease?: LeaseId,
): Promise<number> {
  const writes = [{ put: key, value: Buffer.from(value), lease }];
  return (await client.transact({ compare: [], writes })).revision;
}

/** Only where nobody has changed it since that revision (0: nobody has made it). */
export const putAt = (
  client: EtcdClient,
  key: string,
  mod: number,
  value: string,
): Promise<TransactionResult> =>
  client.transact({
    compare: [{ key, target: "mod", is: "equal", than: mod }],
    writes: [{ put: key, value: Buffer.from(value) }],
    orElseGet: [key],
  });
