/** The links of one server, which are read only once somebody makes one or comes by one. */
import { randomBytes } from "node:crypto";
import type { Basis } from "./basis.js";
import type { ShareStore } from "./ingress/access/shareStore.js";
import { Shares } from "./ingress/access/shares.js";
import type { InstepOptions } from "./instepOptions.js";
import type { Workflows } from "./state/workflows.js";
import type { Storage } from "./storage.js";
import type { UndoList } from "./undoList.js";

/** In the store that the servers of a cluster share, else in the data folder. They end before the store does. */
export function openShares(
  storage: Pick<Storage, "disk" | "commits" | "shared">,
  workflows: Pick<Workflows, "find">,
  { dataDir }: Pick<InstepOptions, "dataDir">,
  { clock, log }: Basis,
  undo: UndoList,
): Shares {
  const { disk, commits, shared } = storage;
  const random = (bytes: number) => randomBytes(bytes);
  const onFailure = (error: unknown) => log.error({ err: error }, "a link could not be ended");
  const open = async (): Promise<ShareStore> => {
    if (shared) {
      const { openClusterShares } = await import("./ingress/access/clusterShares.js");
      return openClusterShares({ mirror: shared.mirror, random, onFailure });
    }
    const { openFileShares } = await import("./ingress/access/fileShares.js");
    const onDamaged = (file: string, why: string) =>
      log.error(
        { file, why },
        "the links cannot be read: their file was set aside, and none counts",
      );
    return openFileShares({ disk, dataDir, random, onDamaged, onFailure });
  };
  const shares = new Shares({ open, workflows, commits, clock });
  undo.push(() => shares.close());
  return shares;
}
