/** Where a reader of one attempt's output was, kept by the tab, so that a reload changes nothing. */
import { logKey } from "../../reading/memoryKeys.js";
import type { LogName } from "../bytes/logBytes.js";

export interface RememberedLog {
  readonly isFollowing: boolean;
  /** The first line in view: where it begins among the bytes, and how far above the edge. */
  readonly offset: number | null;
  readonly delta: number;
  readonly search: string;
  readonly isPattern: boolean;
  readonly openGroups: readonly string[];
  /** It was opened at the line that says why it failed: from then on the reader's place counts. */
  readonly sawWhy: boolean;
  /** The lines of the address it was opened with. */
  readonly lines: string;
}

export interface LogMemory {
  read(): RememberedLog | null;
  change(part: Partial<RememberedLog>): void;
}

/** The memory of a log that was never open. */
export const NOTHING_REMEMBERED: RememberedLog = {
  isFollowing: true,
  offset: null,
  delta: 0,
  search: "",
  isPattern: false,
  openGroups: [],
  sawWhy: false,
  lines: "",
};

export function createLogMemory(
  memory: Storage,
  { workflow_id, epoch, step, attempt }: LogName,
): LogMemory {
  const key = logKey(workflow_id, step, attempt);
  const read = (): RememberedLog | null => {
    try {
      const kept: unknown = JSON.parse(memory.getItem(key) ?? "null");
      // An offset in the output of another epoch means nothing in this one's.
      return isObject(kept) && kept.epoch === epoch ? checked(kept) : null;
    } catch {
      return null;
    }
  };
  return {
    read,
    change(part) {
      try {
        memory.setItem(key, JSON.stringify({ ...(read() ?? NOTHING_REMEMBERED), ...part, epoch }));
      } catch {
        // A full storage forgets the place at the next reload, and no more.
      }
    },
  };
}

function checked(kept: Record<string, unknown>): RememberedLog {
  const { isFollowing, offset, delta, search, isPattern, openGroups, sawWhy, lines } = kept;
  return {
    isFollowing: isFollowing !== false,
    offset:
      typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0 ? offset : null,
    delta: typeof delta === "number" && Number.isFinite(delta) ? delta : 0,
    search: typeof search === "string" ? search : "",
    isPattern: isPattern === true,
    openGroups: Array.isArray(openGroups) ? openGroups.filter((id) => typeof id === "string") : [],
    sawWhy: sawWhy === true,
    lines: typeof lines === "string" ? lines : "",
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
