// @vitest-environment happy-dom
/** The theme: chosen once, kept, the same in every tab. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { createThemes } from "../../../../client/ui/browser/theme.js";
import { type FakePage, openFakePage } from "../fakePage.js";

let fake: FakePage | undefined;
beforeEach(() => {
  window.localStorage.clear();
  delete document.documentElement.dataset.theme;
});
afterEach(() => {
  fake?.stop();
  fake = undefined;
});

const shown = () => document.documentElement.dataset.theme;

test("follows the system until one is chosen, and goes round", async () => {
  fake = await openFakePage("/");
  const seen: (string | undefined)[] = [shown()];
  for (let press = 0; press < 3; press += 1) {
    await fake.within(() => fake?.root.querySelector<HTMLElement>("[data-testid=theme]")?.click());
    seen.push(shown());
  }
  expect(seen).toEqual([undefined, "light", "dark", undefined]);
});

test("the theme is there before anything is drawn, after a reload too", () => {
  window.localStorage.setItem("instep.theme", "dark");
  createThemes(window, window.localStorage).stop();
  expect(shown()).toBe("dark");
});

test("follows what another tab chose; what is no theme counts as none", () => {
  const themes = createThemes(window, window.localStorage);
  window.localStorage.setItem("instep.theme", "light");
  window.dispatchEvent(new StorageEvent("storage", { key: "instep.theme" }));
  expect(shown()).toBe("light");
  window.localStorage.setItem("instep.theme", "pink");
  window.dispatchEvent(new StorageEvent("storage", { key: "instep.theme" }));
  expect([themes.chosen.value, shown()]).toEqual(["system", undefined]);
  themes.stop();
});
