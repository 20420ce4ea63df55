/** Reads a folder of records at the start. A file that cannot be read is set aside or left, and named; it never stops the rest. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as z from "zod";
import { type Disk, errorCode } from "../../machine/disk.js";
import { fileNameOf } from "../../machine/fileName.js";
import { BACKUP, type DamagedRecord, stemOf } from "./damages.js";
import { DurableFile } from "./durableFile.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./record.js";

/** After this long the rest of the program gets a turn. */
const LONGEST_TURN_MS = 20;
/** Where its id stands in a damaged record, if anywhere. */
const LOOKED_AT_BYTES = 64 * 1024;
/** Errors that are about this process, not about the file. */
const OURS: ReadonlySet<string | undefined> = new Set(["EMFILE", "ENFILE", "ENOMEM"]);
const DAMAGED = ".damaged-";

/** All that was found in one folder of records. */
export interface LoadedFolder {
  readonly records: WorkflowRecord[];
  readonly damaged: DamagedRecord[];
  /** The paths of the records' files that have a version before them. */
  readonly backups: string[];
}

/** Rejects where the folder itself cannot be read, or this process has no room left to read files. */
export async function loadFolder(disk: Disk, folder: string, now: number): Promise<LoadedFolder> {
  const names = await disk.list(folder);
  const backups = new Set(
    names.flatMap((name) => (name.endsWith(`.json${BACKUP}`) ? name.slice(0, -BACKUP.length) : [])),
  );
  const records: WorkflowRecord[] = [];
  const whole = new Set<string>();
  const broken: { name: string; why: string; movedTo: string | null }[] = [];

  await eachOf(
    names.filter((name) => name.endsWith(".json")),
    async (name) => {
      try {
        const record = readRecord(disk, join(folder, name), name);
        if (!record) return;
        records.push(record);
        whole.add(name);
      } catch (error) {
        if (OURS.has(errorCode(error))) throw error;
        const movedTo = await moveAside(disk, join(folder, name), error, now);
        broken.push({ name, why: wordsOf(error), movedTo });
      }
    },
  );
  const known = new Set(broken.map(({ name }) => name));
  for (const [name, aside] of newestAside(names)) {
    if (whole.has(name) || known.has(name)) continue;
    known.add(name);
    broken.push({
      name,
      why: "it was set aside at an earlier start",
      movedTo: join(folder, aside),
    });
  }
  for (const name of backups) {
    if (whole.has(name) || known.has(name)) continue;
    broken.push({ name, why: "its file is missing", movedTo: null });
  }

  const at = new Date(now).toISOString();
  const damaged: DamagedRecord[] = [];
  await eachOf(broken, async ({ name, why, movedTo }) => {
    const backup = backups.has(name) ? readBackup(disk, join(folder, name), name) : null;
    const path = movedTo ?? join(folder, name);
    const workflow_id = backup?.workflow_id ?? (await idIn(disk, path, name)) ?? stemOf(name);
    const in_history = folder.endsWith("history");
    damaged.push({ workflow_id, folder, file: name, movedTo, at, why, in_history, backup });
  });
  if (broken.some(({ movedTo }) => movedTo !== null)) {
    // Not durable yet: then it is found again at the next start.
    await disk.syncFolder(folder).catch(() => {});
  }
  return { records, damaged, backups: [...backups].map((name) => join(folder, name)) };
}

/** Null where it is gone by now. Throws where it is not a whole record of that name. */
function readRecord(disk: Disk, path: string, name: string): WorkflowRecord | null {
  const record = new DurableFile(disk, path).readNow();
  if (record === null) return null;
  if (stemOf(name) !== fileNameOf(record.workflow_id))
    throw new Error("it belongs to another name");
  return record;
}

function readBackup(disk: Disk, path: string, name: string): LiveRecord | null {
  try {
    const record = readRecord(disk, path + BACKUP, name);
    return isLive(record) ? record : null;
  } catch {
    return null;
  }
}

/**
 * Sets a file with wrong content aside. A file that could not be read at all stays: it may be readable at the next start, and nothing is written over it
 * meanwhile. Null where it stays.
 */
async function moveAside(
  disk: Disk,
  path: string,
  error: unknown,
  now: number,
): Promise<string | null> {
  if (errorCode(error) !== undefined) return null;
  try {
    return await disk.setAside(path, `damaged-${fileTime(now)}`);
  } catch {
    return null;
  }
}

export const fileTime = (now: number): string =>
  new Date(now).toISOString().replaceAll(/[:.]/g, "-");

/** By the name it had, the one that was set aside last. */
function newestAside(names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of names.toSorted()) {
    const at = name.lastIndexOf(`.json${DAMAGED}`);
    if (at > 0) found.set(name.slice(0, at + ".json".length), name);
  }
  return found;
}

/** The id that a damaged file says, where the file's name proves it. */
async function idIn(disk: Disk, path: string, name: string): Promise<string | null> {
  const stem = stemOf(name);
  const text = await disk.readStart(path, LOOKED_AT_BYTES).catch(() => "");
  const said = text.matchAll(/"workflow_id":\s?"([A-Za-z0-9][A-Za-z0-9._:-]{0,127})"/g);
  const readable = stem?.slice(0, stem.lastIndexOf("-")) ?? "";
  for (const id of [...[...said].map(([, id]) => id ?? ""), readable]) {
    if (id !== "" && fileNameOf(id) === stem) return id;
  }
  return null;
}

/** One line for people, without anything of the file's content, which may be a secret, and without the folder's place on this machine. */
function wordsOf(error: unknown): string {
  if (error instanceof SyntaxError) return "it is not JSON, or not all of it";
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    const path = first?.path.map(String).join(".") ?? "";
    return path === "" ? "it is no record of a workflow" : `it is no record of a workflow: ${path}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return errorCode(error) === undefined ? message : message.replace(/, [a-z]+ '.*$/s, "");
}

/** One after the other: four system calls for a small file take less than handing them to other threads. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  let turnEnds = performance.now() + LONGEST_TURN_MS;
  for (const item of items) {
    await run(item);
    if (performance.now() < turnEnds) continue;
    await setImmediate();
    turnEnds = performance.now() + LONGEST_TURN_MS;
  }
}
