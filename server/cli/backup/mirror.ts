/** Copies files from a folder that somebody else writes to: again and again, each time only what has changed since. */
import { constants } from "node:fs";
import { chmod, lstat, open, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../../machine/makeFolders.js";
import { errorCode } from "../../machine/systemErrors.js";
import { systemFiles } from "../../machine/systemFiles.js";

const PIECE_BYTES = 1024 * 1024;
/** A file's permissions, without its kind. */
const PERMISSIONS = 0o777;
const NO_LINKS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
/** Temporary names of writes that are not done: `.name.pid.random.tmp`. */
const UNDONE = /^\..*\.tmp$/;

/** Marks of the files that were copied already, by their paths in the copy. */
export type Known = Map<string, string>;

export interface MirrorParts {
  readonly known: Known;
  /** Called before each file, so that whoever copies can look after something else. */
  readonly between?: () => Promise<void>;
}

/**
 * Makes `to` what `from` is: files, folders and links with their modes; sockets and devices are left out. A file is read as the one that was opened,
 * to the length that it had then. What goes away meanwhile is left out. Nothing is made where `from` is not there.
 */
export async function mirror(from: string, to: string, parts: MirrorParts): Promise<void> {
  const found = await lookAt(from);
  if (found === null) return forget(to, parts.known);
  if (found.isSymbolicLink()) return mirrorLink(from, to);
  if (found.isFile()) return mirrorFile(from, to, parts);
  if (!found.isDirectory()) return;
  await makeFolders(systemFiles, to, 0o700);
  const names = (await orNull(readdir(from)))?.filter((name) => !UNDONE.test(name)) ?? [];
  // The index of an output goes before its bytes: it never speaks of bytes that the copy has not.
  for (const name of names.sort(indexFirst)) await mirror(join(from, name), join(to, name), parts);
  for (const name of await readdir(to)) {
    if (!names.includes(name)) await forget(join(to, name), parts.known);
  }
  await chmod(to, found.mode & PERMISSIONS);
}

async function mirrorLink(from: string, to: string): Promise<void> {
  const target = await orNull(readlink(from));
  await rm(to, { recursive: true, force: true });
  if (target !== null) await symlink(target, to);
}

async function mirrorFile(
  from: string,
  to: string,
  { known, between }: MirrorParts,
): Promise<void> {
  await between?.();
  const file = await orNull(open(from, NO_LINKS));
  if (file === null) return forget(to, known);
  try {
    const { ino, size, mtimeNs, mode } = await file.stat({ bigint: true });
    const mark = `${ino} ${size} ${mtimeNs}`;
    if (known.get(to) === mark) return;
    await copyBytes(file, Number(size), to, Number(mode) & PERMISSIONS);
    known.set(to, mark);
  } finally {
    await file.close();
  }
}

/** The first `size` bytes of an open file, durable under `to` once it resolves. */
export async function copyBytes(
  file: Awaited<ReturnType<typeof open>>,
  size: number,
  to: string,
  mode: number,
): Promise<void> {
  const copy = await open(to, "w", 0o600);
  try {
    const piece = Buffer.alloc(Math.max(1, Math.min(size, PIECE_BYTES)));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, size - at), at);
      if (bytesRead === 0) break;
      for (let done = 0; done < bytesRead; )
        done += (await copy.write(piece, done, bytesRead - done)).bytesWritten;
      at += bytesRead;
    }
    await copy.chmod(mode);
    await copy.sync();
  } finally {
    await copy.close();
  }
}

/** The names of all folders below, and of `folder` itself, are durable once it resolves. */
export async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  }
  await syncFolder(folder);
}

/** The names in a folder are durable once it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How many files stand below a folder, and how many bytes they have together. */
export async function measure(folder: string): Promise<{ files: number; bytes: number }> {
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const inner = entry.isDirectory()
      ? await measure(path)
      : { files: 1, bytes: entry.isFile() ? (await lstat(path)).size : 0 };
    files += inner.files;
    bytes += inner.bytes;
  }
  return { files, bytes };
}

async function forget(path: string, known: Known): Promise<void> {
  await rm(path, { recursive: true, force: true });
  for (const one of known.keys()) {
    if (one === path || one.startsWith(`${path}/`)) known.delete(one);
  }
}

const lookAt = (path: string) => orNull(lstat(path));

/** Null where it is gone by now. */
async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}

const rankOf = (name: string): number => (name.endsWith(".times") ? 0 : 1);
const indexFirst = (one: string, other: string): number =>
  rankOf(one) - rankOf(other) || (one < other ? -1 : 1);
