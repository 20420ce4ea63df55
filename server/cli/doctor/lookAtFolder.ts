/** Looks at a data folder for `instep doctor`: as a server that begins on it would, but nothing is taken, made or mended. */
import { constants } from "node:fs";
import * as nodeFileSystem from "node:fs/promises";
import { access, lstat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { refuseNodeFolder } from "../../clusterMark.js";
import { Disk } from "../../machine/disk.js";
import { DataDirLocked } from "../../machine/lock/dataDirLocked.js";
import { describeSelf } from "../../machine/lock/holder.js";
import { LOCK_FILE, LockFolder } from "../../machine/lock/lockFolder.js";
import { refuseUnlessDead } from "../../machine/lock/verdict.js";
import { checkFolder } from "../../machine/ownFolder.js";
import { errorCode } from "../../machine/systemErrors.js";
import { MOVE_FILE, refuseHalf } from "../../state/store/moveMark.js";
import { SeenStores } from "../../state/store/seenStores.js";
import { lookAtFolder, MARKER_FILE, refuseLater } from "../../state/store/storeMarker.js";
import type { FolderSeen, LockSeen } from "./folder.js";

interface LookOptions {
  /** The settings name a cluster's store; null where they cannot be read. */
  readonly isNode: boolean | null;
  /** Where it is remembered which folders held a store. */
  readonly rememberIn?: string | undefined;
}

const FREE: LockSeen = { kind: "free", text: "" };
/** No contender has it: this name is only read, and compared with others. */
const NOBODY = "0".repeat(16);

/** Never rejects for what the disk says: that is `trouble`. `dataDir` is absolute. */
export async function seeFolder(dataDir: string, options: LookOptions): Promise<FolderSeen> {
  const nothing = {
    ...{ dataDir, place: dataDir, isThere: false, isStore: false, isLost: false },
    ...{ isWritable: false, isReadByOthers: false, freeBytes: null, lock: FREE, refusals: [] },
  };
  try {
    return await see(dataDir, options);
  } catch (error) {
    return { ...nothing, trouble: reason(dataDir, error) };
  }
}

async function see(dataDir: string, options: LookOptions): Promise<FolderSeen> {
  const found = await lstat(dataDir).catch(missing);
  const { isReadByOthers } = found ? checkFolder(found, dataDir) : { isReadByOthers: false };
  const look = await lookAtFolder(dataDir);
  const place = found ? dataDir : await nearest(dirname(dataDir));
  return {
    dataDir,
    trouble: null,
    isThere: found !== null,
    isStore: look.kind === "store",
    isLost: look.kind !== "store" && (await isKnown(dataDir, options)),
    place,
    isWritable: await access(place, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    ),
    isReadByOthers,
    freeBytes: await freeBytes(place),
    lock: found ? await lockOf(dataDir) : FREE,
    refusals: found ? await refusalsOf(dataDir, options) : [],
  };
}

/** The nearest folder that is there. Rejects where a part of the path is a file. */
async function nearest(path: string): Promise<string> {
  const found = await nodeFileSystem.stat(path).catch(missing);
  if (found === null) return nearest(dirname(path));
  if (!found.isDirectory()) throw new Error(`${path} is a file, not a folder`);
  return path;
}

const isKnown = async (dataDir: string, { rememberIn }: LookOptions): Promise<boolean> =>
  rememberIn !== undefined && (await new SeenStores(rememberIn, new Disk()).find(dataDir)) !== null;

async function freeBytes(place: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(place);
    return bavail * bsize;
  } catch {
    return null;
  }
}

async function lockOf(dataDir: string): Promise<LockSeen> {
  const folder = await LockFolder.open(dataDir, nodeFileSystem);
  try {
    const found = await folder.read(LOCK_FILE);
    if (found === null) return FREE;
    const self = describeSelf(NOBODY, "");
    const refusal = (takeOver: boolean) =>
      refuseUnlessDead(found, self, folder, takeOver).then(() => null, locked);
    const held = await refusal(true);
    if (held !== null) return { kind: "held", text: held };
    const unknown = await refusal(false);
    return unknown === null ? FREE : { kind: "unknown", text: unknown };
  } finally {
    await folder.close();
  }
}

function locked(error: unknown): string {
  if (error instanceof DataDirLocked) return error.message;
  throw error;
}

/** In the words in which a server would refuse to begin. */
async function refusalsOf(dataDir: string, { isNode }: LookOptions): Promise<string[]> {
  const disk = new Disk();
  const refused: string[] = [];
  const note = (error: unknown) => void refused.push((error as Error).message);
  await disk.read(join(dataDir, MARKER_FILE)).then(refuseLater).catch(note);
  await disk
    .read(join(dataDir, MOVE_FILE))
    .then((text) => refuseHalf(text, dataDir))
    .catch(note);
  if (isNode === false) await refuseNodeFolder(disk, dataDir).catch(note);
  return refused;
}

function missing(error: unknown): null {
  if (errorCode(error) === "ENOENT") return null;
  throw error;
}

function reason(dataDir: string, error: unknown): string {
  const code = errorCode(error);
  return code === undefined ? (error as Error).message : `${dataDir} cannot be looked at (${code})`;
}
