/** Tells the operator which files could not be read at the start. */
import type { Log } from "./log/log.js";
import type { Store } from "./state/store/store.js";

/** Beside the damaged records: a folder of output, what a workflow runs with, or what webhooks are to be told. */
export interface Unread {
  readonly error: unknown;
  readonly folder?: string;
  readonly file?: string;
  /** Missing or null where it was left where it is. */
  readonly movedTo?: string | null;
}

/** A start with thousands of them is told in a few lines. */
const MOST_LINES = 20;

export function tellUnread(
  log: Log,
  { damaged }: Pick<Store, "damaged">,
  unread: readonly Unread[],
): void {
  for (const { workflow_id, file, movedTo, why } of damaged.slice(0, MOST_LINES)) {
    const what = movedTo === null ? "was left where it is" : "was moved aside";
    log.error({ workflow_id, file, movedTo, why }, `a damaged file ${what}`);
  }
  for (const { error, ...place } of unread.slice(0, MOST_LINES)) {
    const what = place.movedTo ? "was moved aside" : "was left where it is";
    log.error({ ...place, why: String(error) }, `it cannot be read, and ${what}`);
  }
  const count = damaged.length + unread.length;
  if (Math.max(damaged.length, unread.length) > MOST_LINES) {
    log.error(
      { damaged: damaged.length, unread: unread.length },
      `${count} files cannot be read; only the first are named`,
    );
  }
}
