/** What somebody asked of their system holds on the page: less motion, their own colours, larger letters. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest } from "../pageTest.js";
import { situation } from "../situations.js";
import { untilStatus } from "../tab.js";

const running = (page: Page) =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === "running")
      .map((animation) => (animation as CSSAnimation).animationName),
  );

describe("with less motion asked for", () => {
  pageTest("nothing moves, and stripes still tell what runs", async ({ startServer, openTab }) => {
    const { url, send } = await startServer();
    await send("POST", "/workflow/state", situation("running"));
    const tab = await openTab("about:blank");
    await tab.emulateMedia({ reducedMotion: "reduce" });
    await tab.goto(`${url}/w/running`);
    await untilStatus(tab, "running");
    expect(await running(tab)).toEqual([]);
    const stripes = await tab
      .locator(".bar-fill")
      .first()
      .evaluate((bar) => getComputedStyle(bar).backgroundImage);
    expect(stripes).toContain("repeating-linear-gradient");
    await tab.locator(".brand").click();
    await tab.locator(".rows").waitFor();
    expect(await running(tab)).toEqual([]);
  });
});

describe("with the system's own colours", () => {
  pageTest(
    "what is chosen, what runs and how far it is can be told apart",
    async ({ startServer, openTab }) => {
      const { url, send } = await startServer();
      await send("POST", "/workflow/state", situation("running"));
      const tab = await openTab("about:blank");
      await tab.emulateMedia({ forcedColors: "active" });
      await tab.goto(`${url}/?status=running`);
      await tab.locator(".rows").waitFor();
      const looks = await tab.evaluate(() => {
        const style = (selector: string) => getComputedStyle(document.querySelector(selector)!);
        return {
          chosen: style(".status-tab[aria-current]").outlineStyle,
          other: style(".status-tab:not([aria-current])").outlineStyle,
          badge: style(".badge").borderTopStyle,
          pill: style(".pill").borderTopStyle,
          fill: style(".mini-bar-fill").backgroundColor !== style(".mini-bar").backgroundColor,
        };
      });
      expect(looks).toEqual({
        chosen: "solid",
        other: "none",
        badge: "solid",
        pill: "solid",
        fill: true,
      });
    },
  );
});

describe("with letters twice as large", () => {
  pageTest("nothing is pushed out of the window", async ({ startServer, openTab }) => {
    const { url, send } = await startServer();
    await send("POST", "/workflow/state", situation("blocked"));
    for (const path of ["/?status=blocked", "/w/blocked"]) {
      const tab = await openTab(url + path);
      await tab.setViewportSize({ width: 640, height: 800 });
      await tab.locator("main > *").first().waitFor();
      const isTooWide = await tab.evaluate(() => {
        document.documentElement.style.fontSize = "200%";
        return document.documentElement.scrollWidth > document.documentElement.clientWidth;
      });
      expect(isTooWide, path).toBe(false);
    }
  });
});
