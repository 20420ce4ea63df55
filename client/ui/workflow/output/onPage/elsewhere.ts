/** Describes the output around the lines on the page, for a search of it, and the line that the search leads to. */
import type { LogParts } from "../bytes/logBytes.js";

/** All offsets are those of the output. */
export interface Elsewhere {
  readonly parts: LogParts;
  /** Where the page begins; null where that is not known. */
  readonly begin: number | null;
  /** Where the page ends. */
  readonly next: number;
  /** Where the output ends. */
  readonly until: number;
  /** False once nobody waits any more. */
  readonly isWanted: () => boolean;
}

/** A line by the offset at which it begins, and by which part of it where it is a long one. */
export interface LineElsewhere {
  readonly offset: number;
  readonly part: number;
}

/** Null where nothing was found. */
export type FindElsewhere = (elsewhere: Elsewhere) => Promise<LineElsewhere | null>;
