/** The choices and listeners that the store of output is opened with. */

import type { DiskListener, FileSystem } from "../machine/disk.js";
import type { Owners } from "./owners.js";
import type { OutputLimits } from "./room.js";

export interface OutputStoreOptions {
  readonly dataDir: string;
  readonly commits: Owners;
  readonly limits: OutputLimits;
  readonly elapsed: () => number;
  /** The wall clock in ms since the epoch, for the times that are kept beside the output. Where it is missing no times are kept. */
  readonly now?: () => number;
  readonly fileSystem?: FileSystem;
  /** Rejects where the folder is no longer this server's: an append is refused with that. */
  readonly prove?: () => Promise<void>;
  /** A listener of the output has thrown, which is a bug. */
  readonly onListenerFailure?: (error: unknown) => void;
  /** A folder that could not be removed or gave no room, which is tried again; or one of a restored workflow that could not be read. */
  readonly onFailure?: (error: unknown, folder: string) => void;
  /** Why it is not known when some output came. */
  readonly onTimesFailure?: (error: unknown, folder: string) => void;
  /** A folder that could not be read: its workflow has no output until the next start. */
  readonly onUnreadable?: (error: unknown, folder: string) => void;
  /** Hears by how much more, or less, is on the disk now. */
  readonly onGrowth?: ((bytes: number) => void) | undefined;
  /** Whether a folder may belong to a workflow whose record is damaged. */
  readonly isSpared?: (folder: string) => boolean;
  /** Hears what the disk refused. */
  readonly diskListener?: Pick<DiskListener, "refused">;
}
