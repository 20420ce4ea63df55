/** The files of one attempt, by the offset each begins at: what an output needs of its folder. */
import type { FileHandle } from "node:fs/promises";

/** The bytes of a segment, or the index that says when they came. */
export type SegmentPart = "bytes" | "times";

export interface SegmentFiles {
  use<T>(
    from: number,
    part: SegmentPart,
    create: boolean,
    run: (handle: FileHandle) => Promise<T>,
  ): Promise<T>;
  /** Both parts. Nothing to remove is no error. */
  remove(from: number): Promise<void>;
  /** The index alone. */
  removeTimes(from: number): Promise<void>;
  /** Rejects where the folder they are in is no longer this server's. */
  prove(): Promise<void>;
  /** No file of this attempt stays open. */
  forget(froms: readonly number[]): void;
}
