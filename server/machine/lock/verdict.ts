/** Whether the process that made a lock still lives: decided by what can be proven, never by age. */
import { isRunning, processOf } from "../processes.js";
import { errorCode } from "../systemErrors.js";
import { DataDirLocked } from "./dataDirLocked.js";
import type { Holder } from "./holder.js";
import { askLifeSign } from "./lifeSign.js";
import type { FoundLock, LockFolder } from "./lockFolder.js";

type Verdict = "alive" | "dead" | "unknown";

/** Resolves where the maker of `found` is dead, or where it cannot be known and `takeOver` says so. Otherwise throws DataDirLocked. */
export async function refuseUnlessDead(
  found: FoundLock,
  self: Holder,
  folder: LockFolder,
  takeOver: boolean,
): Promise<void> {
  const { holder } = found;
  // A living one is whole before it gets its name.
  if (holder === null) return;
  const verdict = await judge(found, holder, self, folder);
  if (verdict === "dead" || (verdict === "unknown" && takeOver)) return;
  throw new DataDirLocked(sentence(verdict, holder, self, folder.dataDir), holder.pid);
}

async function judge(
  found: FoundLock,
  holder: Holder,
  self: Holder,
  folder: LockFolder,
): Promise<Verdict> {
  const answer = await askLifeSign(folder, holder.nonce);
  if (answer === "answers") return "alive";
  // The maker of what this is a copy of, out of a backup perhaps, does not take it for its own either.
  if (folder.isLocal && holder.inode !== undefined && holder.inode !== found.inode) return "dead";
  if (folder.isLocal || isOfThisBoot(holder, self)) {
    // Wherever else it could live, it would not have this folder; here its socket would answer.
    if (answer === "refused" || isOfAnotherBoot(holder, self)) return "dead";
    return judgeByNumber(holder, self);
  }
  return isMachineRestarted(holder, self) ? "dead" : "unknown";
}

function isOfThisBoot(holder: Holder, self: Holder): boolean {
  if (holder.boot_id !== self.boot_id) return false;
  return holder.boot_id !== null || holder.hostname === self.hostname;
}

const isOfAnotherBoot = (holder: Holder, self: Holder): boolean =>
  holder.boot_id !== null && self.boot_id !== null && holder.boot_id !== self.boot_id;

/** Not in a container: another one of the same name may run on another machine. */
const isMachineRestarted = (holder: Holder, self: Holder): boolean =>
  isOfAnotherBoot(holder, self) &&
  typeof holder.machine === "string" &&
  holder.machine === self.machine &&
  holder.hostname === self.hostname;

function judgeByNumber(holder: Holder, self: Holder): Verdict {
  if (!countsHere(holder, self)) return "unknown";
  return isAlive(holder) ? "alive" : "dead";
}

/** Whether its process number means the same process to us. */
function countsHere(holder: Holder, self: Holder): boolean {
  const there = holder.pid_namespace;
  if (typeof there === "string") return there === self.pid_namespace;
  // Not told by an earlier version, or by a machine without namespaces.
  if (there === null && self.pid_namespace !== null) return false;
  return holder.hostname === self.hostname;
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

function sentence(verdict: Verdict, holder: Holder, self: Holder, dataDir: string): string {
  const { pid, hostname } = holder;
  const where = hostname === self.hostname ? `process ${pid}` : `process ${pid} on ${hostname}`;
  if (verdict === "alive") {
    return `A server is already running on the data folder ${dataDir} (${where}).`;
  }
  return `The data folder ${dataDir} was taken by a server (${where}) of which nothing here tells whether it still runs. If you know that it does not, start once with --take-over.`;
}
