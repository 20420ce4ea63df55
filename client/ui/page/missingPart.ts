/** Loads the page again by itself where a part of it could not be loaded: the newer page has that part under another name. */
import type { Clock } from "../../index.js";

export interface MissingPartOptions {
  readonly clock: Clock;
  /** Kept by the tab across a reload. */
  readonly memory: Storage;
  /** Whether the server gives the page at this moment. Must not reject. */
  isServed(): Promise<boolean>;
  reload(): void;
}

const KEY = "instep.reloads";
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Reloads once the server gives the page; ever more slowly where reloading did not help. Returns what stops it. */
export function reloadOnceServed(options: MissingPartOptions): () => void {
  const { clock, memory, isServed, reload } = options;
  const before = reloadsBefore(memory);
  const delay = Math.min(LONGEST_MS, FIRST_MS * 4 ** before);
  let isStopped = false;
  let cancel = clock.after(delay, look);
  function look() {
    void isServed().then((isThere) => {
      if (isStopped) return;
      if (!isThere) {
        cancel = clock.after(delay, look);
        return;
      }
      memory.setItem(KEY, String(before + 1));
      reload();
    });
  }
  return () => {
    isStopped = true;
    cancel();
  };
}

/** Every part is there: the next missing one is asked for soon again. */
export function nothingIsMissing(memory: Storage): void {
  memory.removeItem(KEY);
}

function reloadsBefore(memory: Storage): number {
  const count = Number(memory.getItem(KEY));
  return Number.isInteger(count) && count > 0 ? Math.min(count, 10) : 0;
}
