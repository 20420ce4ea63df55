/** Judges a data folder as it was seen: whether a server could begin on it, and has room there. Pure. */
import { type Finding, fine, warning, wrong } from "./finding.js";

/** How the lock of a folder is held. `unknown`: nothing tells whether its maker still runs. */
export interface LockSeen {
  readonly kind: "free" | "held" | "unknown";
  /** The sentence of a refusal. */
  readonly text: string;
}

/** A folder as a look at it told; nothing of it was changed. */
export interface FolderSeen {
  readonly dataDir: string;
  /** Why it cannot be used or looked at; null where it can. */
  readonly trouble: string | null;
  readonly isThere: boolean;
  /** A store is in it. */
  readonly isStore: boolean;
  /** It held one, and should hold one now. */
  readonly isLost: boolean;
  /** The folder, or the nearest one above that is there. */
  readonly place: string;
  readonly isWritable: boolean;
  readonly isReadByOthers: boolean;
  /** Null where the system does not say. */
  readonly freeBytes: number | null;
  readonly lock: LockSeen;
  /** Why a server of this version would not begin on what is in it; empty where it would. */
  readonly refusals: readonly string[];
}

const LEAST_BYTES = 64 * 2 ** 20;
const FEW_BYTES = 2 ** 30;

/** One finding for each of folder, lock, store and room; the first alone where no more can be known. */
export function judgeFolder(seen: FolderSeen): Finding[] {
  const folder = judgePlace(seen);
  if (seen.trouble !== null) return [folder];
  return [folder, judgeLock(seen), judgeStore(seen), judgeRoom(seen)];
}

function judgePlace(seen: FolderSeen): Finding {
  const { dataDir, trouble, isThere, place, isWritable, isReadByOthers } = seen;
  const check = "data folder";
  if (trouble !== null)
    return wrong(
      check,
      sentence(trouble),
      "Name a folder of the user that runs the server with --data-dir, or mend this one (chown, chmod 700).",
    );
  if (!isWritable)
    return wrong(
      check,
      isThere ? `${dataDir} cannot be written.` : `${dataDir} cannot be made in ${place}.`,
      `Give ${place} to the user that runs the server, or name another folder with --data-dir.`,
    );
  if (!isThere) return fine(check, `${dataDir} is not there yet and can be made.`);
  if (isReadByOthers)
    return warning(
      check,
      `${dataDir} is ours and can be written; other users may list it, though not read what is in it.`,
      `chmod 700 ${dataDir}`,
    );
  return fine(check, `${dataDir} is ours, closed to others, and can be written.`);
}

function judgeLock({ lock }: FolderSeen): Finding {
  if (lock.kind === "free") return fine("lock", "No server holds the data folder.");
  if (lock.kind === "held") return fine("lock", lock.text);
  return warning("lock", lock.text, "Make sure that it does not run, and start with --take-over.");
}

function judgeStore({ dataDir, isStore, isLost, refusals }: FolderSeen): Finding {
  const [first, ...more] = refusals;
  if (first !== undefined)
    return wrong(
      "store",
      [first, ...more].map(sentence).join(" "),
      "Do what the sentence says; nothing in the folder is changed until then.",
    );
  if (isLost)
    return wrong(
      "store",
      `${dataDir} held a store before and holds none now, so no server begins there.`,
      "Mount its disk; to begin anew, start once with --init.",
    );
  if (!isStore) return fine("store", "No store is there yet: the first start begins one.");
  return fine("store", "The store is of a version that this Instep reads.");
}

function judgeRoom({ place, freeBytes }: FolderSeen): Finding {
  if (freeBytes === null) return fine("room", `How much room is left in ${place} is not known.`);
  const shown = `${shownBytes(freeBytes)} are free in ${place}`;
  const todo = "Make room, or put the data folder elsewhere.";
  if (freeBytes < LEAST_BYTES) return wrong("room", `${shown}: changes will be refused.`, todo);
  if (freeBytes < FEW_BYTES) return warning("room", `${shown}, which is little.`, todo);
  return fine("room", `${shown}.`);
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const shownBytes = (bytes: number): string =>
  bytes < FEW_BYTES ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
