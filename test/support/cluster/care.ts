/** The operator's care for etcd, over the gateway of its members: history thrown away, room given back, an alarm taken back. */
import * as z from "zod";
import type { EtcdClient } from "../../../server/etcd/etcd.js";
import type { EtcdCluster } from "../etcd/etcdCluster.js";

/** Everything before now is forgotten. */
export async function compact(
  client: Pick<EtcdClient, "list">,
  { endpoints }: EtcdCluster,
): Promise<void> {
  const { revision } = await client.list("/");
  await ask(`${endpoints[0]}/v3/kv/compaction`, { revision: String(revision), physical: true });
}

/** Each member makes its file as small as what is in it. */
export async function defragment({ endpoints }: EtcdCluster): Promise<void> {
  for (const endpoint of endpoints) await ask(`${endpoint}/v3/maintenance/defragment`, {});
}

/** Takes back the alarms of a full quota, which each member raises for itself. */
export async function disarm({ endpoints }: EtcdCluster): Promise<void> {
  const alarm = `${endpoints[0]}/v3/maintenance/alarm`;
  const { alarms = [] } = Alarms.parse(await ask(alarm, { action: "GET" }));
  for (const one of alarms) await ask(alarm, { action: "DEACTIVATE", ...one });
}

const Alarms = z.object({
  alarms: z.array(z.object({ memberID: z.string(), alarm: z.string() })).optional(),
});

async function ask(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return answer.json();
}
