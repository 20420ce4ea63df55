/** Opens a store's folders: what the files hold, and what the journal has beyond them. */
import { join } from "node:path";
import type { Disk } from "../../machine/disk.js";
import { fileNameOf } from "../../machine/fileName.js";
import { type ReadJournal, readJournalFolder } from "../journal/journalFolder.js";
import type { Wanted } from "./checkpoints.js";
import { BACKUP, type DamagedRecord, type Damages } from "./damages.js";
import { type ChangeEntry, parseEntry } from "./journalEntries.js";
import { fileTime, type LoadedFolder, loadFolder } from "./loading.js";
import { encodeRecord, isLive, type WorkflowRecord } from "./record.js";
import { Replay } from "./replay.js";
import { historyPathOf, openPathOf, type StoreFolders } from "./storeFolders.js";

export interface LoadedStore {
  /** By id. */
  readonly open: Map<string, WorkflowRecord>;
  /** By epoch. */
  readonly history: Map<string, WorkflowRecord>;
  readonly damages: Damages;
  readonly journal: ReadJournal;
  /** The files that are behind the journal. */
  readonly owed: readonly Wanted[];
  /** By id, changes of a record whose file cannot be read now and may be at a later start. */
  readonly pinned: ReadonlyMap<string, readonly ChangeEntry[]>;
  /** By id, the epochs of which the journal has changes that no record can take. */
  readonly broken: ReadonlyMap<string, string>;
  /** By path, the epoch of the live record that a file has. */
  readonly epochs: Map<string, string>;
  /** The paths of the records' files that have a version before them. */
  readonly backups: readonly string[];
}

/** `onJournalDamage` hears how many acknowledged lines are missing that do not say whose they were. Rejects where a folder or the journal cannot be read. */
export async function loadStore(
  disk: Disk,
  folders: StoreFolders,
  damages: Damages,
  now: () => number,
  onJournalDamage: (lines: number) => void = () => {},
): Promise<LoadedStore> {
  for (const folder of [folders.open, folders.history, folders.journal]) {
    await disk.makeFolder(folder);
    await disk.sweep(folder);
  }
  const files = {
    history: await loadFolder(disk, folders.history, now()),
    open: await loadFolder(disk, folders.open, now()),
  };
  const records = {
    open: new Map(files.open.records.map((record) => [record.workflow_id, record])),
    history: new Map(files.history.records.map((record) => [record.epoch, record])),
  };
  const epochs = epochsOf(files.open, folders);
  const found = { open: new Map(records.open), history: new Map(records.history) };
  const journal = await readJournalFolder(disk, folders.journal);
  const replay = new Replay(records);
  const unnamed = takeAll(replay, journal);
  if (unnamed > 0) onJournalDamage(unnamed);
  const owed = owedAfter(replay, records, found, folders);
  for (const damage of [...files.open.damaged, ...files.history.damaged]) {
    await addDamage(disk, damages, damage, replay, records);
  }
  const pinned = new Map<string, readonly ChangeEntry[]>();
  const broken = new Map<string, string>();
  for (const [workflow_id, entries] of replay.broken) {
    const record = records.open.get(workflow_id) ?? null;
    records.open.delete(workflow_id);
    broken.set(workflow_id, record?.epoch ?? entries[0]?.epoch ?? "");
    const unread = damages.openOf(workflow_id);
    const damage = unread ?? (await setAside(disk, folders, workflow_id, record, now()));
    if (!unread) damages.add(damage);
    // Its file may be readable at a later start, or there is none that would tell of it.
    const isOnlyHere = damage.movedTo === null && damage.backup === null;
    if (unread?.movedTo === null || isOnlyHere) pinned.set(workflow_id, entries);
  }
  await dropTwins(disk, records, folders);
  const { backups } = files.open;
  return {
    ...records,
    damages,
    journal,
    owed,
    pinned,
    broken,
    epochs,
    backups,
  };
}

/** How many lines are missing that do not say whose they were. */
function takeAll(replay: Replay, { contents }: ReadJournal): number {
  let unnamed = 0;
  for (const content of contents) {
    if (typeof content !== "string") {
      const entry = parseEntry(content);
      if (!entry)
        throw new Error("the journal is of a later version of Instep, which has to read it");
      replay.take(entry);
      continue;
    }
    const [, workflow_id] = ID.exec(content) ?? [];
    if (workflow_id !== undefined) replay.miss(workflow_id);
    else if (!content.includes('"after":')) unnamed += 1;
  }
  return unnamed;
}

const ID = /"workflow_id":"([A-Za-z0-9][A-Za-z0-9._:-]{0,127})"/;

function epochsOf({ records }: LoadedFolder, folders: StoreFolders): Map<string, string> {
  const live = records.filter(isLive);
  return new Map(live.map(({ workflow_id, epoch }) => [openPathOf(folders, workflow_id), epoch]));
}

/** The files that do not have what the journal says. */
function owedAfter(
  replay: Replay,
  { open, history }: Pick<LoadedStore, "open" | "history">,
  found: Pick<LoadedStore, "open" | "history">,
  folders: StoreFolders,
): Wanted[] {
  const owed: Wanted[] = [];
  for (const [epoch, workflow_id] of replay.past) {
    const record = history.get(epoch) ?? null;
    if (record === (found.history.get(epoch) ?? null)) continue;
    const path = historyPathOf(folders, { workflow_id, epoch });
    const entry = record
      ? ({ kind: "past", record } as const)
      : ({ kind: "forget", workflow_id, epoch } as const);
    owed.push({ path, record, entry });
  }
  const ids = new Set([...open.keys(), ...found.open.keys(), ...replay.settled]);
  for (const id of ids) {
    const [record, before] = [open.get(id) ?? null, found.open.get(id) ?? null];
    if (record === before || replay.broken.has(id)) continue;
    const path = openPathOf(folders, id);
    if (record) owed.push({ path, record, entry: { kind: "put", record } });
    else if (before) {
      const entry = { kind: "remove", workflow_id: id, epoch: before.epoch } as const;
      owed.push({ path, record, entry, behind: historyPathOf(folders, before) });
    }
  }
  return owed;
}

/** A file that cannot be read is damage only where the journal does not say what is so. */
async function addDamage(
  disk: Disk,
  damages: Damages,
  damage: DamagedRecord,
  replay: Replay,
  { open, history }: Pick<LoadedStore, "open" | "history">,
): Promise<void> {
  const { workflow_id, in_history } = damage;
  const isWritten = in_history && isInHistory(damage, history);
  // Its file is written again: the record was in the journal.
  if (isWritten && damage.movedTo === null) {
    await disk.setAside(join(damage.folder, damage.file), "damaged-late");
  }
  if (isWritten) return;
  damages.add(damage);
  if (workflow_id === null) return;
  if (in_history || !replay.settled.has(workflow_id)) return;
  if (open.has(workflow_id)) {
    await damages.makeRoom(workflow_id);
    damages.mended(workflow_id);
  } else await damages.putAway(workflow_id);
}

/** As far as the record can be put together it becomes the version before, and its file goes aside: it is found so at later starts, too. */
async function setAside(
  disk: Disk,
  folders: StoreFolders,
  workflow_id: string,
  record: WorkflowRecord | null,
  now: number,
): Promise<DamagedRecord> {
  const path = openPathOf(folders, workflow_id);
  const backup = isLive(record) ? record : null;
  // Refused: it can be restored until this server ends.
  if (backup) await disk.replace(path + BACKUP, encodeRecord(backup)).catch(() => {});
  const movedTo = await disk.setAside(path, `damaged-${fileTime(now)}`);
  await disk.syncFolder(folders.open);
  return {
    workflow_id,
    folder: folders.open,
    file: `${fileNameOf(workflow_id)}.json`,
    movedTo,
    at: new Date(now).toISOString(),
    why: "the journal is damaged where a change of it stood",
    in_history: false,
    backup,
  };
}

const isInHistory = (
  { file }: DamagedRecord,
  history: ReadonlyMap<string, WorkflowRecord>,
): boolean =>
  [...history.values()].some(
    ({ workflow_id, epoch }) => file === `${fileNameOf(workflow_id)}.${epoch}.json`,
  );

/** An earlier version, cut by the power in the middle of an archiving, may have left a record in both folders. */
async function dropTwins(
  disk: Disk,
  { open, history }: Pick<LoadedStore, "open" | "history">,
  folders: StoreFolders,
): Promise<void> {
  for (const record of open.values()) {
    if (!history.delete(record.epoch)) continue;
    await disk.remove(historyPathOf(folders, record)).catch(() => {});
  }
}
