/** A step's progress out of what its command prints: a pattern held against the newest lines, at a bounded cost a second. */
import type { Clock } from "../../../../shared/clock.js";
import { readPattern } from "../../../fields/patterns.js";

/** The line that rsync prints with --info=progress2: `  1,204,331  62%   11.8MB/s    0:00:07`. */
const RSYNC = String.raw`^\s*[\d,.]+\S*\s+(\d{1,3})%`;
/** A longer line is looked at only in its beginning. */
const LINE_CHARACTERS = 4_096;
/** Instructions times characters: what has cost more this second waits, and the newest lines count when it goes on. */
const WORK_PER_SECOND = 1_200_000;

export interface ProgressReader {
  /** 0 to 1, of the newest of these lines that says it; null where none does, or where there was too much to look at. */
  read(newestFirst: readonly string[]): number | null;
  /** Looks at the lines that were left out last. */
  end(): number | null;
}

/** `source` as in a definition's `progress`: "rsync", or a pattern whose first group is a percentage. Null without one. */
export function createProgressReader(
  source: string | undefined,
  clock: Pick<Clock, "elapsed">,
): ProgressReader | null {
  const read = source === undefined ? null : readPattern(source === "rsync" ? RSYNC : source);
  if (!read?.ok) return null;
  const { size, find } = read.pattern;
  let work = WORK_PER_SECOND;
  let filled = clock.elapsed();
  let leftOut: readonly string[] = [];

  const look = (newestFirst: readonly string[]): number | null => {
    leftOut = [];
    for (const [index, line] of newestFirst.entries()) {
      const start = line.slice(0, LINE_CHARACTERS);
      const cost = (start.length + 1) * size;
      if (cost > work) {
        leftOut = newestFirst.slice(index);
        return null;
      }
      work -= cost;
      const part = partOf(find(start));
      if (part !== null) return part;
    }
    return null;
  };

  return {
    read(newestFirst) {
      const now = clock.elapsed();
      work = Math.min(WORK_PER_SECOND, work + ((now - filled) / 1_000) * WORK_PER_SECOND);
      filled = now;
      return look(newestFirst);
    },
    end() {
      work = WORK_PER_SECOND;
      return look(leftOut);
    },
  };
}

function partOf(found: string | null): number | null {
  const percent = Number.parseFloat(found ?? "");
  return percent >= 0 && percent <= 100 ? percent / 100 : null;
}
