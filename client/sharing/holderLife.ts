/** A lock that the holder of the shared socket has for as long as it lives: whoever waits for it hears of its death at once. */

/** Of `navigator.locks`; a page over plain HTTP has none, and then silence alone tells. */
type Locks = Pick<LockManager, "request">;

/** Takes a lock for as long as this worker lives. `held` is called with its name once that holds. */
export function holdLife(locks: Locks | undefined, held: (name: string) => void): void {
  const name = `instep-holder-${Math.random().toString(36).slice(2)}`;
  locks
    ?.request(name, () => {
      held(name);
      return new Promise(() => {});
    })
    .catch(() => {});
}

/** Calls `over` once the lock of that name is free. Returns what stops it. */
export type WatchLife = (name: string, over: () => void) => () => void;

export const browserWatchLife: WatchLife = (name, over) => {
  const waiting = new AbortController();
  const { signal } = waiting;
  const locks = globalThis.navigator?.locks as Locks | undefined;
  locks
    ?.request(name, { mode: "shared", signal }, () => {
      if (!signal.aborted) over();
    })
    .catch(() => {});
  return () => waiting.abort();
};
