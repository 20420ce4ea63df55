/** The port to the links that count, and to the key that seals them: in a file of the data folder, or in etcd where servers share their workflows. */
import * as z from "zod";
import type { ShareTerms } from "./shareToken.js";

/** A link as it is kept: not its token, which only who made it has seen. */
export interface KeptShare extends ShareTerms {
  readonly made_at: number;
  /** The user who made it; null where nobody knew the name. */
  readonly by: string | null;
}

export interface ShareStore {
  readonly key: Buffer;
  find(number: string): KeptShare | null;
  all(): readonly KeptShare[];
  /** Where other servers make links, too: resolves once this one knows what they had said of this number. Never rejects. */
  hear?(number: string): Promise<void>;
  /** Resolves once it is durable, and with it that those are gone whose places it takes. Rejects with SyncError where it cannot be: then all are as they were. */
  put(share: KeptShare, replaced: readonly string[]): Promise<void>;
  remove(number: string): Promise<void>;
  /** Hears of each link that is gone, whoever took it away. The returned function ends it. */
  listen(gone: (number: string) => void): () => void;
  close(): void;
}

export const KEY_BYTES = 32;

/** A link as it is written down. */
export const KeptShareSchema = z.object({
  number: z.string(),
  workflow_id: z.string(),
  epoch: z.string(),
  ends_at: z.number(),
  made_at: z.number(),
  by: z.string().nullable(),
});
