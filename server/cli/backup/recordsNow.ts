/** The records of a data folder that a server may be writing to, as they were at one moment while they were copied. */
import { copyFile, link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Disk } from "../../machine/disk.js";
import { FileStore } from "../../state/store/fileStore.js";
import { isLive, type WorkflowRecord } from "../../state/store/record.js";
import { JournalHold } from "./journalHold.js";
import { type Known, mirror } from "./mirror.js";

/** A file of the journal lives for as long as the files lag behind it: a look at every so many copied files misses none on a disk that keeps pace. */
const FILES_BETWEEN_LOOKS = 20;
const MOST_TRIES = 10;
/** In view first: a workflow goes from there to the history, and never back. */
const FOLDERS = ["workflows", "history"] as const;

/** Whole records without a journal, in a folder of their own. */
export interface RecordsNow {
  readonly folder: string;
  /** Id and epoch of each workflow that is shown. */
  readonly shown: ReadonlySet<string>;
  readonly inView: number;
  readonly history: number;
  readonly damaged: readonly string[];
}

interface Places {
  readonly dataDir: string;
  /** A folder of our own for what is copied; it may hold what was copied before. */
  readonly raw: string;
  /** Is made anew. */
  readonly folder: string;
  readonly known: Known;
  readonly now: () => number;
}

/**
 * The journal is held from before the first file is copied until after the last: so every change that a copied file lacks is in it, and the records
 * are those of a start after a crash at its end. What was acknowledged before the call is in them. Rejects where the journal went by too fast.
 */
export async function recordsNow(places: Places): Promise<RecordsNow> {
  for (let tries = 1; ; tries++) {
    const found = (await copyOnce(places)) ? await load(places) : null;
    // A record that is damaged in the data folder, too, stays so however often it is copied.
    if (found && (found.damaged.length === 0 || tries > 2)) return found;
    if (tries >= MOST_TRIES) throw new Error("the journal changed faster than it could be copied");
  }
}

/** False where a file of the journal came and went unseen. */
async function copyOnce({ dataDir, raw, known }: Places): Promise<boolean> {
  const hold = new JournalHold(join(dataDir, "journal"));
  const journal = join(raw, "journal");
  try {
    await hold.look();
    const before = await hold.copyTo(journal);
    let files = 0;
    const between = async () => {
      files += 1;
      if (files % FILES_BETWEEN_LOOKS === 0) await hold.look();
    };
    for (const name of FOLDERS)
      await mirror(join(dataDir, name), join(raw, name), { known, between });
    await hold.look();
    const after = await hold.copyTo(journal);
    return [...before].every((name) => after.has(name));
  } finally {
    await hold.close();
  }
}

/** As a start reads them, with the journal's changes put on the files. */
async function load({ raw, folder, now }: Places): Promise<RecordsNow> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  for (const name of [...FOLDERS, "journal"]) await linkAll(join(raw, name), join(folder, name));
  let missing = 0;
  const store = await FileStore.load(new Disk(), folder, now, undefined, undefined, {
    onJournalDamage: (lines) => {
      missing += lines;
    },
  });
  await store.close();
  const [open, history] = [[...store.open.values()], [...store.history.values()]];
  const damaged = store.damaged.map(({ workflow_id, file }) => workflow_id ?? file);
  return {
    folder,
    shown: new Set([...open, ...history].filter(isLive).map(keyOf)),
    inView: open.filter(isLive).length,
    history: history.length,
    damaged: missing > 0 ? [...damaged, "journal"] : damaged,
  };
}

/** The store writes no file in its place, so a second name is as good as a copy. */
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const names = await readdir(from).catch(() => []);
  for (const name of names) {
    const [path, copy] = [join(from, name), join(to, name)];
    await link(path, copy).catch(() => copyFile(path, copy));
  }
}

/** A space stands in neither. */
const keyOf = ({ workflow_id, epoch }: WorkflowRecord): string => `${workflow_id} ${epoch}`;
