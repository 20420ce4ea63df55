/** What the browser keeps for the page. Where it may keep nothing, or has no room, what is set holds until the tab is closed. */

export type StorageName = "localStorage" | "sessionStorage";

export function storageOf(window: Window, name: StorageName): Storage {
  const kept = new Map<string, string>();
  const real = () => {
    try {
      // Where storage is forbidden, even asking for it throws.
      return window[name];
    } catch {
      return null;
    }
  };
  const storage = real();
  return {
    getItem: (key) => kept.get(key) ?? storage?.getItem(key) ?? null,
    setItem(key, value) {
      try {
        if (!storage) throw new Error("nothing is kept here");
        storage.setItem(key, value);
        kept.delete(key);
      } catch {
        kept.set(key, value);
      }
    },
    removeItem(key) {
      kept.delete(key);
      storage?.removeItem(key);
    },
    clear() {
      kept.clear();
      storage?.clear();
    },
    key: (index) => storage?.key(index) ?? [...kept.keys()][index] ?? null,
    get length() {
      return storage?.length ?? kept.size;
    },
  };
}
