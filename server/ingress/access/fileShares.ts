/** The links of a server alone: one file of its data folder, mode 0600, written whole. */
import { join } from "node:path";
import * as z from "zod";
import { Listeners } from "../../../shared/listeners.js";
import type { Disk } from "../../machine/disk.js";
import { KEY_BYTES, type KeptShare, KeptShareSchema, type ShareStore } from "./shareStore.js";

const FILE = "shares.json";
const File = z.object({ key: z.string(), shares: z.array(KeptShareSchema) });

export interface FileSharesParts {
  readonly disk: Pick<Disk, "read" | "replace" | "setAside">;
  readonly dataDir: string;
  readonly random: (bytes: number) => Buffer;
  /** Hears where a file is now that cannot be read. */
  readonly onDamaged: (file: string) => void;
  /** Hears of a listener that throws: a bug. */
  readonly onFailure: (error: unknown) => void;
}

/** Resolves with what the file has; where there is none, or it is damaged and was set aside, with no link and a new key. Rejects where the disk refuses. */
export async function openFileShares(parts: FileSharesParts): Promise<ShareStore> {
  const { disk, dataDir, random, onDamaged, onFailure } = parts;
  const path = join(dataDir, FILE);
  const text = await disk.read(path);
  const found = readFile(text);
  const aside = text !== null && found === null ? await disk.setAside(path, "damaged") : null;
  if (aside !== null) onDamaged(aside);
  const key = found?.key ?? random(KEY_BYTES);
  let shares: ReadonlyMap<string, KeptShare> = new Map(
    (found?.shares ?? []).map((share) => [share.number, share]),
  );
  const listeners = new Listeners<string>(onFailure);
  /** One change after the other: each is written from what the one before left. */
  let turn: Promise<unknown> = Promise.resolve();
  const change = (make: (shares: Map<string, KeptShare>) => void): Promise<void> => {
    const next = turn.then(async () => {
      const changed = new Map(shares);
      make(changed);
      const file = { key: key.toString("base64url"), shares: [...changed.values()] };
      await disk.replace(path, `${JSON.stringify(file, null, 2)}\n`);
      shares = changed;
    });
    turn = next.catch(() => {});
    return next;
  };
  return {
    key,
    find: (number) => shares.get(number) ?? null,
    all: () => [...shares.values()],
    put: (share) => change((all) => void all.set(share.number, share)),
    remove: async (number) => {
      await change((all) => void all.delete(number));
      listeners.tell(number);
    },
    listen: (gone) => listeners.listen(gone),
    close: () => {},
  };
}

function readFile(text: string | null): { key: Buffer; shares: readonly KeptShare[] } | null {
  try {
    const read = File.safeParse(JSON.parse(text ?? "null"));
    if (!read.success) return null;
    const key = Buffer.from(read.data.key, "base64url");
    return key.length === KEY_BYTES ? { key, shares: read.data.shares } : null;
  } catch {
    return null;
  }
}
