/** The links of a server alone: one file of its data folder, mode 0600, written whole. */
import { join } from "node:path";
import * as z from "zod";
import { Listeners } from "../../../shared/listeners.js";
import type { Disk } from "../../machine/disk.js";
import { laterFormat } from "../../machine/laterFormat.js";
import { errorCode } from "../../machine/systemErrors.js";
import { KEY_BYTES, type KeptShare, KeptShareSchema, type ShareStore } from "./shareStore.js";

const FILE = "shares.json";
const File = z.object({
  /** Missing in what was written before there was one. */
  format: z.literal(1).optional(),
  key: z.string(),
  shares: z.array(KeptShareSchema),
});

export interface FileSharesParts {
  readonly disk: Pick<Disk, "read" | "replace" | "setAside">;
  readonly dataDir: string;
  readonly random: (bytes: number) => Buffer;
  /** Hears where a file is now that cannot be read, and why it cannot. */
  readonly onDamaged: (file: string, why: string) => void;
  /** Hears of a listener that throws: a bug. */
  readonly onFailure: (error: unknown) => void;
}

/** Resolves with what the file has; where there is none, or it cannot be understood and was set aside, with no link and a new key. Rejects where the disk refuses. */
export async function openFileShares(parts: FileSharesParts): Promise<ShareStore> {
  const { disk, dataDir, random, onDamaged, onFailure } = parts;
  const path = join(dataDir, FILE);
  const found = await disk.read(path).then(readFile, notOurs);
  if (found !== null && "why" in found) {
    const aside = await disk.setAside(path, found.mark);
    if (aside !== null) onDamaged(aside, found.why);
  }
  const known = found !== null && "key" in found ? found : null;
  const key = known?.key ?? random(KEY_BYTES);
  let shares: ReadonlyMap<string, KeptShare> = new Map(
    (known?.shares ?? []).map((share) => [share.number, share]),
  );
  const listeners = new Listeners<string>(onFailure);
  /** One change after the other: each is written from what the one before left. */
  let turn: Promise<unknown> = Promise.resolve();
  const change = (make: (shares: Map<string, KeptShare>) => void): Promise<void> => {
    const next = turn.then(async () => {
      const changed = new Map(shares);
      make(changed);
      const file = { format: 1, key: key.toString("base64url"), shares: [...changed.values()] };
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
    put: async (share, replaced) => {
      await change((all) => {
        for (const number of replaced) all.delete(number);
        all.set(share.number, share);
      });
      for (const number of replaced) listeners.tell(number);
    },
    remove: async (number) => {
      await change((all) => void all.delete(number));
      listeners.tell(number);
    },
    listen: (gone) => listeners.listen(gone),
    close: () => {},
  };
}

interface Kept {
  readonly key: Buffer;
  readonly shares: readonly KeptShare[];
}

/** The file cannot be understood, and gets this mark. */
interface Unusable {
  readonly mark: "damaged" | "later";
  readonly why: string;
}

/** Null where there is no file. */
function readFile(text: string | null): Kept | Unusable | null {
  if (text === null) return null;
  try {
    const given: unknown = JSON.parse(text);
    const later = laterFormat(given);
    if (later !== null)
      return { mark: "later", why: `it is of format ${later}, of a later version` };
    const { key, shares } = File.parse(given);
    const bytes = Buffer.from(key, "base64url");
    if (bytes.length === KEY_BYTES) return { key: bytes, shares };
  } catch {
    // As any other that is not as we write it.
  }
  return { mark: "damaged", why: "it is damaged" };
}

/** No file, a link, or larger than any of ours: `Disk.read` says so, and what the disk itself refuses is thrown. */
function notOurs(error: unknown): Unusable {
  if (!["EINVAL", "EFBIG", "ELOOP"].includes(errorCode(error) ?? "")) throw error;
  return { mark: "damaged", why: (error as Error).message };
}
