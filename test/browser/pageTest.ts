/** A vitest `test` with Chromium, a server of its own, and tabs that fail the test when something in them goes wrong. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { test as base, expect } from "vitest";
import type { AssembleOptions } from "../../server/assemble.js";
import { createInstep } from "../../server/server.js";
import { PATIENCE_MS } from "../support/deadline.js";
import { startChromium } from "./chromium.js";
import { watchTab } from "./tab.js";

export interface TestServer {
  readonly url: string;
  /** As curl would: no Origin, no socket. */
  send(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** In order; the test's own end does it otherwise. */
  close(): Promise<void>;
}

interface Fixtures {
  browser: Browser;
  dataDir: string;
  startServer: (options?: Partial<AssembleOptions>) => Promise<TestServer>;
  /** Each tab has its own storage, as in another browser. */
  openTab: (address: string) => Promise<Page>;
}

export const pageTest = base.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to learn what a fixture needs
    async ({}, use) => {
      if (!existsSync(new URL("../../dist/ui/index.html", import.meta.url)))
        throw new Error('The page is not built: run "npm run build" first.');
      const browser = await startChromium();
      await use(browser);
      await browser.close();
    },
    { scope: "file" },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: see above
  dataDir: async ({}, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), "instep-page-"));
    await use(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  },

  startServer: async ({ dataDir }, use) => {
    const stops: (() => Promise<void>)[] = [];
    await use(async (options = {}) => {
      const instep = await createInstep({ dataDir, ...options });
      const close = () => instep.close({ drainMs: 1_000 });
      stops.push(close);
      const { url } = await instep.listen({ port: 0 });
      return { url, close, send: sender(url) };
    });
    for (const stop of stops) await stop();
  },

  openTab: async ({ browser }, use) => {
    const tabs: { page: Page; troubles: string[] }[] = [];
    await use(async (address) => {
      const context = await browser.newContext();
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      tabs.push({ page, troubles: await watchTab(page) });
      await page.goto(address);
      return page;
    });
    for (const { page } of tabs) await page.context().close();
    expect(tabs.flatMap(({ troubles }) => troubles)).toEqual([]);
  },
});

export const sender =
  (url: string): TestServer["send"] =>
  async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      ...(body !== undefined && {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    const json = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  };
