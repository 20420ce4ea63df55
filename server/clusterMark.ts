/** Keeps a data folder with those who know its workflows: what nobody knows there would be removed as nobody's, output first. */
import { join } from "node:path";
import * as z from "zod";
import { counted } from "../shared/text/counted.js";
import { ClusterRefused } from "./cluster/clusterRefused.js";
import type { Disk } from "./machine/disk.js";
import { CLUSTER_FILE } from "./state/store/clusterFile.js";
import type { FileStore } from "./state/store/fileStore.js";
import { isLive } from "./state/store/record.js";
import { storeFolders } from "./state/store/storeFolders.js";

const Mark = z.object({ format: z.literal(1), cluster_id: z.string().min(1), store: z.string() });

/** The cluster that a node joins. */
export interface JoinedCluster {
  readonly cluster_id: string;
  /** As people name it. */
  readonly store: string;
}

/** Marks the folder as that of a node of this cluster. Rejects with ClusterRefused where it is one of another cluster. */
export async function claimForCluster(
  disk: Disk,
  dataDir: string,
  { cluster_id, store }: JoinedCluster,
): Promise<void> {
  const path = join(dataDir, CLUSTER_FILE);
  const text = await disk.read(path);
  if (text === null) {
    const mark = { format: 1, cluster_id, store } satisfies z.infer<typeof Mark>;
    return disk.replace(path, `${JSON.stringify(mark)}\n`);
  }
  const known = readMark(text);
  if (known?.cluster_id === cluster_id) return;
  const whose = known ? `of another cluster, at ${known.store}` : "whose mark cannot be read";
  throw new ClusterRefused(
    `${dataDir} is the data folder of a node ${whose}: what its workflows printed would be removed here, as ${store} does not know them. Give --store the address and the prefix of before, or --data-dir another folder; where that cluster is gone for good, remove ${path}.`,
  );
}

/** Rejects with ClusterRefused where a server alone would begin on the data folder of a node. */
export async function refuseNodeFolder(disk: Disk, dataDir: string): Promise<void> {
  const path = join(dataDir, CLUSTER_FILE);
  const text = await disk.read(path);
  if (text === null) return;
  const store = readMark(text)?.store ?? "etcd://…";
  throw new ClusterRefused(
    `${dataDir} is the data folder of a node of the cluster at ${store}, and its workflows are there: a server alone would remove what they printed. Start it with --store ${store}, or bring them back with instep migrate --from ${store} --to ${dataDir}; where that cluster is gone for good, remove ${path}.`,
  );
}

/** Rejects with ClusterRefused where the folder holds workflows of a server alone, and as `load` does, which opens them. */
export async function refuseLeftAlone(
  disk: Disk,
  dataDir: string,
  load: () => Promise<Pick<FileStore, "open" | "history" | "damaged" | "close">>,
): Promise<void> {
  const { open, history, journal } = storeFolders(dataDir);
  const there = await Promise.all([open, history, journal].map((one) => disk.isThere(one)));
  if (!there.includes(true)) return;
  const store = await load();
  const live = [...store.open.values()].filter(isLive).length;
  const count = live + store.history.size + store.damaged.length;
  await store.close();
  if (count === 0) return;
  throw new ClusterRefused(
    `${dataDir} holds ${counted(count, "workflow")} of a server alone, which the cluster does not know: what they printed would be removed. Move them first: instep migrate --from ${dataDir} --to etcd://… --node NAME; or give --data-dir another folder.`,
  );
}

function readMark(text: string): z.infer<typeof Mark> | null {
  try {
    return Mark.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
