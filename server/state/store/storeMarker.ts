/** The file that says that a folder holds a store, and which one: an empty folder, as of a disk that is not mounted, is not taken for a fresh start. */

import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Disk } from "../../machine/disk.js";
import { laterFormat } from "../../machine/laterFormat.js";
import { errorCode } from "../../machine/systemErrors.js";

/** The marker's file in the data folder. */
export const MARKER_FILE = "instep.store";

/** The parts of a folder beyond its files that a build has to know: one that does not would take an older state for the newest. */
const NEEDS = ["journal"] as const;

const Marker = z.object({
  format: z.literal(2),
  needs: z.array(z.enum(NEEDS)),
  store_id: z.uuid(),
  created: z.iso.datetime(),
});
type Marker = z.infer<typeof Marker>;
/** As much of it as tells that this build knows all that the folder needs. */
const Needing = Marker.pick({ format: true, needs: true });

/** As versions without a journal wrote it. */
const FormerMarker = z.object({
  format: z.literal(1),
  store_id: z.uuid(),
  created: z.iso.datetime(),
});

/** The folders of a store: without a marker beside them, they are of a version before the marker. */
const FOLDERS_OF_A_STORE = ["workflows", "history", "logs", "runs"];
/** Some file systems make this folder on every new disk. */
const NOTHING = new Set(["lost+found"]);

/** `none`: there is a folder, and no store in it. `absent`: there is no folder, and where it would be made is nothing else either, or something is. */
export type FolderLook =
  | { readonly kind: "store" }
  | { readonly kind: "none" }
  | { readonly kind: "absent"; readonly isPlaceEmpty: boolean };

/** Looks without touching anything. Rejects with what the disk said. */
export async function lookAtFolder(dataDir: string): Promise<FolderLook> {
  const names = await namesIn(dataDir);
  if (names === null) return { kind: "absent", isPlaceEmpty: await isPlaceEmpty(dataDir) };
  const isStore = names.some((name) => name === MARKER_FILE || FOLDERS_OF_A_STORE.includes(name));
  return { kind: isStore ? "store" : "none" };
}

/** The id of a folder's store, and whether its marker had to be written anew. */
export interface OpenedStore {
  readonly id: string;
  /** The marker was there and could not be read: it was written anew. */
  readonly wasUnreadable: boolean;
}

/** The id of the folder's store; a new one, durable, where it has none. Only for the one who holds the lock. Rejects with UnknownFormat. */
export async function openMarker(disk: Disk, dataDir: string, now: number): Promise<OpenedStore> {
  const path = join(dataDir, MARKER_FILE);
  const text = await disk.read(path);
  const known = text === null ? null : parseMarker(text);
  if (known?.format === 2) return { id: known.store_id, wasUnreadable: false };
  const marker: Marker = {
    format: 2,
    needs: [...NEEDS],
    store_id: known?.store_id ?? randomUUID(),
    created: known?.created ?? new Date(now).toISOString(),
  };
  await disk.replace(path, `${JSON.stringify(marker)}\n`);
  return { id: marker.store_id, wasUnreadable: text !== null && known === null };
}

/** A folder of a later version: what it holds would not be understood. */
export class UnknownFormat extends Error {
  override readonly name = "UnknownFormat";
}

/** Throws UnknownFormat where a marker of this text is of a later version. `text`: null for none. */
export function refuseLater(text: string | null): void {
  if (text !== null) parseMarker(text);
}

function parseMarker(text: string): Marker | z.infer<typeof FormerMarker> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const marker = Marker.safeParse(value).data ?? FormerMarker.safeParse(value).data;
  const later = laterFormat(value);
  if (later !== null && !Needing.safeParse(value).success) {
    throw new UnknownFormat(
      `${MARKER_FILE} is of format ${later}, as a later version of Instep made it; this one knows 2 with a journal`,
    );
  }
  return marker ?? null;
}

/** Whether the nearest folder that is there has nothing in it, as the place has where a disk was to be mounted. */
async function isPlaceEmpty(path: string): Promise<boolean> {
  const parent = dirname(path);
  if (parent === path) return false;
  const names = await namesIn(parent);
  return names === null ? isPlaceEmpty(parent) : names.every((name) => NOTHING.has(name));
}

async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A file in its place is refused where the folder is made.
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}
