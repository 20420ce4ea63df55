/** The browser's storage for the page. Where the browser keeps nothing, or fails at it, a value holds until the tab is closed. */

export type StorageName = "localStorage" | "sessionStorage";

/** Never throws: a browser may forbid the storage, have no room, or have a damaged profile in which single uses fail. */
export function storageOf(window: Window, name: StorageName): Storage {
  const storage = attempt(() => window[name]);
  const read = (key: string): string | null => attempt(() => storage?.getItem(key)) ?? null;
  /** Values that the browser's storage did not take; null is a removed one. */
  const own = new Map<string, string | null>();
  /** Read back, as a storage that takes a value may still fail to give it. */
  const keep = (key: string, value: string | null) => {
    if (storage && read(key) === value) own.delete(key);
    else own.set(key, value);
  };
  return {
    getItem(key) {
      const value = own.get(key);
      return value === undefined ? read(key) : value;
    },
    setItem(key, value) {
      attempt(() => storage?.setItem(key, value));
      keep(key, value);
    },
    removeItem(key) {
      attempt(() => storage?.removeItem(key));
      keep(key, null);
    },
    clear() {
      own.clear();
      attempt(() => storage?.clear());
    },
    key: (index) => attempt(() => storage?.key(index)) ?? [...own.keys()][index] ?? null,
    get length() {
      return attempt(() => storage?.length) ?? own.size;
    },
  };
}

function attempt<Result>(use: () => Result): Result | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
