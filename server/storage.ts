/** Opens the storage of one server: its data folder, the store and the output in it, and the health of the disk below. */
import { join } from "node:path";
import { DEFAULTS } from "../shared/limits.js";
import type { Basis } from "./basis.js";
import {
  claimForCluster,
  type JoinedCluster,
  refuseLeftAlone,
  refuseNodeFolder,
} from "./clusterMark.js";
import { openDataFolder } from "./dataFolder.js";
import type { FarOutputs, FarOutputsParts } from "./farOutputs.js";
import type { InstepOptions } from "./instepOptions.js";
import { Disk } from "./machine/disk.js";
import type { StorageHealth } from "./machine/storageHealth.js";
import type { JoiningServer, openCluster as OpenCluster, OpenedCluster } from "./openCluster.js";
import { openOutput } from "./openOutput.js";
import type { OutputStore } from "./output/outputStore.js";
import type { openOutputShare as OpenOutputShare } from "./outputShare.js";
import { Commits } from "./state/commits.js";
import { FileStore, type FileStoreOptions } from "./state/store/fileStore.js";
import { MOVE_FILE, refuseHalf } from "./state/store/moveMark.js";
import type { Store } from "./state/store/store.js";
import type { UndoList } from "./undoList.js";
import type { Unread } from "./unread.js";
import { watchStorage } from "./watchStorage.js";

export interface Storage {
  readonly disk: Disk;
  readonly health: StorageHealth;
  readonly store: Store;
  readonly commits: Commits;
  readonly outputs: OutputStore;
  /** Null for a server alone. */
  readonly shared: OpenedCluster | null;
  /** The output that other nodes keep; null for a server alone. */
  readonly far: FarOutputs | null;
  /** The files and folders that could not be read, and were left as they are. */
  readonly unread: Unread[];
}

/** Resolves once the folder is this server's and everything in it is read. Rejects with DataDirLocked, or with what is wrong with the folder. */
export async function openStorage(
  options: InstepOptions,
  basis: Basis,
  undo: UndoList,
  { bootId, saysGoodbye }: Pick<JoiningServer, "bootId" | "saysGoodbye">,
): Promise<Storage> {
  const { dataDir } = options;
  const { clock, limits, log, lines } = basis;
  // Health and disk need each other: health probes the disk, and the disk tells it of refusals. So health looks up the disk when it probes.
  const health = watchStorage({
    ...basis,
    probe: (folder, bytes) => disk.probe(folder, bytes),
    settle: async () => store.settle?.(),
  });
  const { storeId, fileSystem, prove, proveOrWait } = await openDataFolder(options, {
    ...basis,
    storage: health,
    undo,
  });
  // Before anything is loaded: a disk that refuses then is looked at again on a timer, which a refused start must not leave.
  undo.push(() => health.close());
  const disk: Disk = new Disk(fileSystem, health);
  const unread: Unread[] = [];
  const { maxConcurrent = DEFAULTS.maxConcurrent, url } = options;
  const load = () =>
    loadFiles(disk, dataDir, basis, {
      after: (ms, run) => clock.after(ms, run),
      prove: proveOrWait,
      onJournalDamage: (lines) => unread.push({ folder: "journal", error: missingLines(lines) }),
    });
  if (options.cluster) await refuseLeftAlone(disk, dataDir, load);
  else if (!options.store) await refuseNodeFolder(disk, dataDir);
  const claim = (cluster: JoinedCluster) => claimForCluster(disk, dataDir, cluster);
  const joining = { bootId, storeId, maxConcurrent, url, saysGoodbye, claim };
  const shared = options.cluster ? await openShared(options.cluster, joining, basis, undo) : null;
  const store: Store = options.store ?? shared?.store ?? (await load());
  undo.push(() => store.close());
  const commits = new Commits(
    store,
    (error, { kind, before }) =>
      log.error({ err: error, kind, workflow_id: before?.workflow_id }, READER_THREW),
    () => clock.elapsed(),
  );
  undo.push(() => commits.close());
  const place = shared && { ...shared, dataDir, storeId, fileSystem, log };
  const outputs = await openOutput({
    ...basis,
    dataDir: place?.outputDir ? await openShare(place) : dataDir,
    ...{ commits, fileSystem, prove, store, storage: health },
    limits,
    clock,
    onUnreadable: (error, folder) => unread.push({ folder, error }),
  });
  undo.push(() => outputs.close());
  const { graceMs, outputFrameBytes: frameBytes } = limits;
  const far =
    shared &&
    (await openFar(
      { ...shared, store, commits, outputs, clock, graceMs, frameBytes, lines },
      undo,
    ));
  return { disk, health, store, commits, outputs, shared, far, unread };
}

/** Its code is loaded by nobody else. */
async function openFar(parts: FarOutputsParts, undo: UndoList): Promise<FarOutputs> {
  const { farOutputsOf } = await import("./farOutputs.js");
  const far = farOutputsOf(parts);
  undo.push(() => far.close());
  return far;
}

/** Its code is loaded by nobody else. */
async function openShare(...given: Parameters<typeof OpenOutputShare>): Promise<string> {
  const { openOutputShare } = await import("./outputShare.js");
  return openOutputShare(...given);
}

/** Rejects with MoveUnfinished where the folder has half of its workflows, or those that have gone on elsewhere. */
async function loadFiles(
  disk: Disk,
  dataDir: string,
  { clock, log }: Basis,
  options: FileStoreOptions,
): Promise<FileStore> {
  refuseHalf(await disk.read(join(dataDir, MOVE_FILE)), dataDir);
  return FileStore.load(
    disk,
    dataDir,
    () => clock.now(),
    (error) => log.error({ err: error }, READER_THREW),
    () => clock.elapsed(),
    options,
  );
}

/** Its code is loaded by nobody else. */
async function openShared(...given: Parameters<typeof OpenCluster>): Promise<OpenedCluster> {
  const { openCluster } = await import("./openCluster.js");
  return openCluster(...given);
}

const READER_THREW = "a reader of commits has thrown";

const missingLines = (lines: number): Error =>
  new Error(`${lines} of its lines are damaged and do not say whose they were`);
