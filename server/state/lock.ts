/** One server per data folder. No age decides: a laptop that slept must not lose its lock, a dead process must. */
import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { isRunning, processOf } from "../processes.js";
import { errorCode } from "./disk.js";

const Holder = z.object({
  pid: z.int(),
  /** Of the process, in clock ticks after boot: a number that came round again has another. */
  started: z.string().nullable(),
  boot_id: z.string().nullable(),
  hostname: z.string(),
  nonce: z.string(),
});
type Holder = z.infer<typeof Holder>;

interface FoundLock {
  readonly text: string;
  readonly holder: Holder | null;
}

const LOCK_FILE = "instep.lock";
const LEFTOVER = /^instep\.lock\.(taking|(taking\.)?[0-9a-f]{16})$/;
const ATTEMPTS = 20;

/** Somebody else has the folder. `pid` is null where it cannot be known. */
export class DataDirLocked extends Error {
  override readonly name = "DataDirLocked";
  readonly pid: number | null;

  constructor(message: string, pid: number | null) {
    super(message);
    this.pid = pid;
  }
}

/** Takes the folder's lock, also from a process that is gone. Resolves with what gives it back; throws DataDirLocked. */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, LOCK_FILE);
  const self = await describe(process.pid);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(path, self)) {
      await sweep(dataDir);
      return () => release(path, self);
    }
    const found = await readLock(path);
    if (!found) continue; // given back in this very moment
    if (found.holder) await refuseIfAlive(found.holder, self, dataDir);
    // Who removed it has got on, and begins anew.
    if (await takeOver(path, found, self)) attempt = -1;
  }
  throw new DataDirLocked(
    `The data folder ${dataDir} is being taken by several servers at once.`,
    null,
  );
}

async function describe(pid: number): Promise<Holder> {
  return {
    pid,
    started: processOf(pid)?.started ?? null,
    boot_id: await readOrNull("/proc/sys/kernel/random/boot_id"),
    hostname: hostname(),
    nonce: randomBytes(8).toString("hex"),
  };
}

async function create(path: string, self: Holder): Promise<boolean> {
  // Written in full before it gets its name, so that nobody ever reads half a lock.
  const draft = `${path}.${self.nonce}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(self)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    // ENOENT: whoever has the lock by now swept the draft away.
    if (["EEXIST", "ENOENT"].includes(errorCode(error) ?? "")) return false;
    throw error;
  } finally {
    await removeIfThere(draft);
  }
}

/** Removes what starts cut short by a crash left behind. Only for the one who holds the lock. */
async function sweep(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!LEFTOVER.test(name)) continue;
    await removeIfThere(join(dataDir, name));
  }
}

/** `holder` is null where the file was cut short by a power cut: a living server's is whole before it gets its name. */
async function readLock(path: string): Promise<FoundLock | null> {
  const text = await readOrNull(path);
  if (text === null) return null;
  try {
    return { text, holder: Holder.parse(JSON.parse(text)) };
  } catch {
    return { text, holder: null };
  }
}

async function refuseIfAlive(holder: Holder, self: Holder, dataDir: string): Promise<void> {
  if (holder.hostname !== self.hostname) {
    throw new DataDirLocked(
      `The data folder ${dataDir} is in use by process ${holder.pid} on the host ${holder.hostname}. If that host is gone, remove ${join(dataDir, LOCK_FILE)} and start again.`,
      holder.pid,
    );
  }
  if (holder.boot_id !== self.boot_id || !isAlive(holder)) return;
  throw new DataDirLocked(
    `A server is already running on the data folder ${dataDir} (process ${holder.pid}).`,
    holder.pid,
  );
}

/**
 * Removes the lock of a dead process. Only one taker at a time may do that, and looks again first: a second one would remove the
 * lock that the first has made since.
 */
async function takeOver(path: string, dead: FoundLock, self: Holder): Promise<boolean> {
  const guard = `${path}.taking`;
  if (!(await create(guard, self))) {
    const taker = await readLock(guard);
    // It died in the few moments this takes.
    if (taker && !(taker.holder && isAlive(taker.holder))) await removeIfSame(guard, taker.text);
    return false;
  }
  try {
    return await removeIfSame(path, dead.text);
  } finally {
    await release(guard, self);
  }
}

async function removeIfSame(path: string, text: string): Promise<boolean> {
  const isThere = (await readOrNull(path)) === text;
  if (isThere) await removeIfThere(path);
  return isThere;
}

async function release(path: string, self: Holder): Promise<void> {
  const text = await readOrNull(path);
  if (text?.includes(self.nonce)) await removeIfThere(path);
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== "EPERM") return false;
  }
  const found = processOf(pid);
  // Without /proc the number is all there is to go by.
  if (found === null) return true;
  return isRunning(found) && (started === null || found.started === started);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
