/** What the page keeps in the browser, where the browser keeps nothing or fails at it. */
import { describe, expect, test } from "vitest";
import { storageOf } from "../../../../client/ui/browser/storage.js";

const fails = (): never => {
  throw new DOMException("the profile is damaged", "NS_ERROR_FILE_CORRUPTED");
};
const METHODS = ["getItem", "setItem", "removeItem", "clear", "key"] as const;

/** A working storage in which the named uses fail. */
function storageWhere(...failing: readonly (typeof METHODS)[number][]): Storage {
  const kept = new Map<string, string>();
  const working: Storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
  for (const method of failing) working[method] = fails;
  return working;
}

const windowWith = (localStorage: Storage): Window => ({ localStorage }) as unknown as Window;

describe("a storage of which single uses fail", () => {
  test.each([...METHODS.map((method) => [method]), [...METHODS]])(
    "works like one that is whole (%s …)",
    (...failing) => {
      const storage = storageOf(
        windowWith(storageWhere(...(failing as (typeof METHODS)[number][]))),
        "localStorage",
      );
      expect(storage.getItem("theme")).toBe(null);
      storage.setItem("theme", "dark");
      storage.setItem("theme", "light");
      storage.setItem("keys", "off");
      expect(storage.getItem("theme")).toBe("light");
      storage.removeItem("theme");
      expect(storage.getItem("theme")).toBe(null);
      expect(storage.getItem("keys")).toBe("off");
      storage.clear();
      storage.setItem("theme", "dark");
      expect(storage.getItem("theme")).toBe("dark");
    },
  );

  test("a storage may be one that even asking for forbids", () => {
    const window = Object.defineProperty({}, "localStorage", { get: fails });
    const storage = storageOf(window as unknown as Window, "localStorage");
    storage.setItem("theme", "dark");
    expect([storage.getItem("theme"), storage.length, storage.key(0)]).toEqual([
      "dark",
      1,
      "theme",
    ]);
  });
});
