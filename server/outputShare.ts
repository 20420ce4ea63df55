/** A node's own folder in the one that all nodes of a cluster keep their output in: made, and marked with whose it is. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { Nodes } from "./cluster/cluster.js";
import { ClusterRefused } from "./cluster/clusterRefused.js";
import type { Log } from "./log/log.js";
import { Disk, type FileSystem } from "./machine/disk.js";
import { LOGS_FOLDER } from "./output/outputEpochs.js";

export interface OutputShareParts {
  readonly outputDir: string | null;
  readonly nodes: Pick<Nodes, "me">;
  /** Where output would be kept otherwise. */
  readonly dataDir: string;
  /** Of the data folder's store. */
  readonly storeId: string;
  readonly fileSystem: FileSystem;
  readonly log: Log;
}

/** Beside the output, written once. */
const MARKER_FILE = "instep.output";
const Marker = z.object({ format: z.literal(1), store_id: z.string() });

/** Resolves with the folder in which this node keeps its output. Rejects with ClusterRefused where it is another store's, and with what the disk said. */
export async function openOutputShare(parts: OutputShareParts): Promise<string> {
  const { outputDir, nodes, dataDir, storeId, fileSystem, log } = parts;
  const folder = join(resolve(outputDir ?? dataDir), nodes.me);
  const disk = new Disk(fileSystem);
  await disk.makeFolder(folder);
  const marker = join(folder, MARKER_FILE);
  const text = await disk.read(marker);
  if (text === null)
    await disk.replace(marker, `${JSON.stringify({ format: 1, store_id: storeId })}\n`);
  else refuseOthers(text, storeId, folder);
  const left = await readdir(join(dataDir, LOGS_FOLDER)).catch(() => []);
  if (left.length > 0)
    log.warn(
      { folder: join(dataDir, LOGS_FOLDER), workflows: left.length },
      `output that was kept in the data folder is not shown: move it to ${join(folder, LOGS_FOLDER)} while this server is stopped`,
    );
  return folder;
}

function refuseOthers(text: string, storeId: string, folder: string): void {
  const owner = ownerIn(text);
  if (owner === storeId) return;
  const whose = owner === null ? "cannot be read" : `names another one (${owner})`;
  throw new ClusterRefused(
    `${folder} is not the output of this store (${storeId}): ${MARKER_FILE} in it ${whose}. Give this server another --node or another --output-dir; where its data folder was lost, move that folder away.`,
  );
}

function ownerIn(text: string): string | null {
  try {
    return Marker.parse(JSON.parse(text)).store_id;
  } catch {
    return null;
  }
}
