/** A data folder as one side of a move: locked for as long as it is open, and never half of what it was. */
import { join, resolve } from "node:path";
import type { Clock } from "../../../shared/clock.js";
import { counted } from "../../../shared/text/counted.js";
import { Disk } from "../../machine/disk.js";
import { DataDirLocked } from "../../machine/lock/dataDirLocked.js";
import { fencedFileSystem } from "../../machine/lock/fencedFileSystem.js";
import { lockDataDir } from "../../machine/lock/lockDataDir.js";
import { systemFiles } from "../../machine/systemFiles.js";
import { CLUSTER_FILE } from "../../state/store/clusterFile.js";
import { FileStore } from "../../state/store/fileStore.js";
import { decodeMark, encodeMark, MOVE_FILE, type MoveMark } from "../../state/store/moveMark.js";
import { encodeRecord, type WorkflowRecord } from "../../state/store/record.js";
import { historyPathOf, openPathOf, storeFolders } from "../../state/store/storeFolders.js";
import { lookAtFolder, openMarker } from "../../state/store/storeMarker.js";
import { readShelf, type ShelfFile } from "../../webhooks/delivery.js";
import { SHELF_FOLDER, shelfPathOf, shelfText } from "../../webhooks/fileOutbox.js";
import { CliError, ExitCode } from "../process/exitCodes.js";
import { type Contents, highestOrder, readRun, runsOf } from "./contents.js";
import type { Side } from "./side.js";

interface FolderParts {
  /** As it was named. */
  readonly place: string;
  readonly cwd: string;
  readonly clock: Clock;
  /** A folder that is not there is made. */
  readonly mayBeNew: boolean;
}

const RUNS = "runs";
/** The folders of what is moved. */
const MOVED = ["workflows", "history", RUNS, "journal", SHELF_FOLDER] as const;

/** Resolves once the folder is ours. Rejects with CliError where a server has it, and where it holds no store and is not to be made. */
export async function openFolderSide(parts: FolderParts): Promise<Side> {
  const { clock, cwd, mayBeNew, place } = parts;
  const dataDir = resolve(cwd, place);
  if (!mayBeNew && (await lookAtFolder(dataDir)).kind !== "store")
    throw new CliError(ExitCode.failed, `${place} is no data folder: no store is in it.`);
  await new Disk().makeFolder(dataDir, "given");
  const lock = await lockDataDir(dataDir).catch((error: unknown) => {
    if (!(error instanceof DataDirLocked)) throw error;
    throw new CliError(ExitCode.locked, `A server has ${place}. Stop it first. ${error.message}`);
  });
  const disk = new Disk(fencedFileSystem(systemFiles, () => lock.prove()));
  try {
    await openMarker(disk, dataDir, clock.now());
    return new FolderSide({ ...parts, disk, dataDir, release: () => lock.release() });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class FolderSide implements Side {
  readonly kind = "folder";
  readonly name: string;
  readonly close: () => Promise<void>;
  readonly #disk: Disk;
  readonly #dataDir: string;
  readonly #clock: Clock;

  constructor(
    parts: FolderParts & { disk: Disk; dataDir: string; release: () => Promise<unknown> },
  ) {
    this.name = parts.place;
    this.#disk = parts.disk;
    this.#dataDir = parts.dataDir;
    this.#clock = parts.clock;
    this.close = async () => void (await parts.release());
  }

  /** The lock is that. */
  async checkRest(): Promise<void> {}

  async mark(): Promise<MoveMark | null> {
    const text = await this.#disk.read(this.#pathOf(MOVE_FILE));
    return text === null ? null : decodeMark(text, this.name);
  }

  async setMark(mark: MoveMark | null): Promise<void> {
    const path = this.#pathOf(MOVE_FILE);
    if (mark) return this.#disk.replace(path, encodeMark(mark));
    await this.#disk.remove(path);
    await this.#disk.syncFolder(this.#dataDir);
  }

  async read(): Promise<Contents> {
    let missing = 0;
    const now = () => this.#clock.now();
    const store = await FileStore.load(this.#disk, this.#dataDir, now, undefined, undefined, {
      onJournalDamage: (lines) => {
        missing += lines;
      },
    });
    // The files follow the journal: then they alone say what is so.
    await store.close();
    const damaged = store.damaged.map(({ workflow_id, file }) => workflow_id ?? file);
    if (damaged.length > 0 || missing > 0)
      throw new CliError(
        ExitCode.failed,
        `${this.name} holds what cannot be read: ${damaged.join(", ") || counted(missing, "line")}. Start a server on it and restore or clear that first; nothing was moved.`,
      );
    const records = { open: [...store.open.values()], history: [...store.history.values()] };
    const [runs, shelves] = [await this.#runs(records), await this.#shelves()];
    return { ...records, runs, shelves, order: highestOrder(records) };
  }

  async write({ open, history, runs, shelves }: Contents): Promise<void> {
    const folders = storeFolders(this.#dataDir);
    // From here on it is the folder of a server alone again.
    await this.#disk.remove(this.#pathOf(CLUSTER_FILE));
    for (const folder of [
      folders.open,
      folders.history,
      this.#pathOf(RUNS),
      this.#pathOf(SHELF_FOLDER),
    ])
      await this.#disk.makeFolder(folder);
    for (const [run, data] of runs)
      await this.#disk.replace(this.#runPath(run), `${JSON.stringify(data)}\n`);
    for (const [epoch, shelf] of shelves)
      await this.#disk.replace(shelfPathOf(this.#dataDir, epoch), shelfText(shelf));
    for (const record of history)
      await this.#disk.replace(historyPathOf(folders, record), encodeRecord(record));
    await this.replace(open);
  }

  async replace(records: readonly WorkflowRecord[]): Promise<void> {
    const folders = storeFolders(this.#dataDir);
    for (const record of records)
      await this.#disk.replace(openPathOf(folders, record.workflow_id), encodeRecord(record));
  }

  async wipe(): Promise<void> {
    for (const name of MOVED) {
      const folder = this.#pathOf(name);
      if (!(await this.#disk.isThere(folder))) continue;
      for (const file of await this.#disk.list(folder)) await this.#disk.remove(join(folder, file));
      await this.#disk.syncFolder(folder);
    }
  }

  async leave(): Promise<string | null> {
    const stamp = new Date(this.#clock.now()).toISOString().replaceAll(/[:.]/g, "-");
    for (const name of MOVED) {
      const folder = this.#pathOf(name);
      if (await this.#disk.isThere(folder))
        await this.#disk.move(folder, `${folder}.moved-${stamp}`);
    }
    return join(this.name, `*.moved-${stamp}`);
  }

  async #runs(records: Pick<Contents, "open" | "history">): Promise<Contents["runs"]> {
    const runs = new Map<string, ReturnType<typeof readRun>>();
    for (const run of runsOf(records)) {
      const text = await this.#disk.read(this.#runPath(run));
      // Then nobody could go on with it here either.
      if (text === null) continue;
      runs.set(run, readFile(readRun, text, this.#runPath(run)));
    }
    return runs;
  }

  async #shelves(): Promise<Contents["shelves"]> {
    const shelves = new Map<string, ShelfFile>();
    const folder = this.#pathOf(SHELF_FOLDER);
    if (!(await this.#disk.isThere(folder))) return shelves;
    for (const name of await this.#disk.list(folder)) {
      if (!name.endsWith(".json")) continue;
      const path = join(folder, name);
      const text = await this.#disk.read(path);
      const shelf = text === null ? null : readFile(readShelf, text, path);
      if (shelf) shelves.set(shelf.epoch, shelf);
    }
    return shelves;
  }

  #runPath(run: string): string {
    return join(this.#pathOf(RUNS), `${run}.json`);
  }

  #pathOf(name: string): string {
    return join(this.#dataDir, name);
  }
}

function readFile<T>(read: (text: string) => T, text: string, path: string): T {
  try {
    return read(text);
  } catch {
    throw new CliError(ExitCode.failed, `${path} cannot be read; nothing was moved.`);
  }
}
