/** The files of one attempt, by the offset each begins at: what an output needs of its folder. */
import type { FileHandle } from "node:fs/promises";

export interface SegmentFiles {
  use<T>(from: number, create: boolean, run: (handle: FileHandle) => Promise<T>): Promise<T>;
  remove(from: number): Promise<void>;
  /** Rejects where the folder they are in is no longer this server's. */
  prove(): Promise<void>;
  /** No file of this attempt stays open. */
  forget(froms: readonly number[]): void;
}
