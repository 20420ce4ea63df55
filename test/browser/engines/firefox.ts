/** Debian's Firefox, without a window. */
import { existsSync } from "node:fs";
import { PNG } from "pngjs";
import puppeteer, { type Page } from "puppeteer-core";
import type { Engine, EngineTab } from "./engineTab.js";

const executablePath = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";

export const FIREFOX: Engine = {
  name: "Firefox",
  missing: existsSync(executablePath)
    ? null
    : `there is none at ${executablePath} (Debian: apt-get install firefox-esr)`,
  async start() {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      defaultViewport: { width: 1280, height: 800 },
    });
    return {
      openTab: async () => tabOf(await browser.newPage()),
      close: () => browser.close(),
    };
  },
};

function tabOf(page: Page): EngineTab {
  return {
    goto: async (address) => void (await page.goto(address, { waitUntil: "load" })),
    reload: async () => void (await page.reload({ waitUntil: "load" })),
    read: <Result>(expression: string) => page.evaluate(expression) as Promise<Result>,
    click: (selector) => page.click(selector),
    press: (key) => page.keyboard.press(key),
    async picture(selector) {
      const element = await page.$(selector);
      if (!element) throw new Error(`there is no ${selector} on the page`);
      const { width, height, data } = PNG.sync.read(Buffer.from(await element.screenshot()));
      return { width, height, pixels: data };
    },
  };
}
