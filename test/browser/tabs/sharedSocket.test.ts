/** One socket for all tabs of a browser: what the server counts, and what each tab shows when tabs, the worker or the server go. */
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { PATIENCE_MS, until } from "../../support/deadline.js";
import { startUpgradeProxy, type UpgradeProxy } from "../../support/links/upgradeProxy.js";
import { holdExample } from "../heldExample.js";
import { pageTest, sender } from "../pageTest.js";
import { serverProcess } from "../serverProcess.js";
import { pictureOf, press, untilPill, untilStep, watchTab } from "../tab.js";

const RUN = {
  workflow_id: "run",
  title: "Nightly backup",
  steps: [{ action: "make" }, { action: "copy" }, { action: "verify" }],
};

interface World {
  readonly proxy: UpgradeProxy;
  readonly context: BrowserContext;
  readonly address: string;
  readonly send: ReturnType<typeof sender>;
  open(count: number, address?: string): Promise<Page[]>;
}

/** Tabs of one browser behind a proxy that counts sockets; none of their scripts may fail. */
const sharedTest = pageTest.extend<{ world: World }>({
  world: async ({ browser, startServer }, use) => {
    const proxy = await startUpgradeProxy();
    proxy.refuseUpgrades(false);
    const server = await startServer({ allowedHosts: [`127.0.0.1:${proxy.port}`] });
    proxy.leadTo(Number(new URL(server.url).port));
    const address = `http://127.0.0.1:${proxy.port}`;
    const context = await newContext(browser);
    const troubles: string[][] = [];
    const open = async (count: number, at = `${address}/w/run`) => {
      const pages: Page[] = [];
      for (let i = 0; i < count; i++) {
        const page = await context.newPage();
        troubles.push(await watchTab(page));
        await page.goto(at);
        pages.push(page);
      }
      return pages;
    };
    await server.send("POST", "/workflow/state", RUN);
    await use({ proxy, context, address, send: sender(server.url), open });
    await context.close();
    await proxy.close();
    expect(troubles.flat()).toEqual([]);
  },
});

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

const untilSocket = (page: Page, way: "shared" | "own") =>
  page.locator(`html[data-socket=${way}]`).waitFor();

const finish = ({ send }: Pick<World, "send">, index: number) =>
  send("PATCH", `/workflow/state/steps/${index}`, { status: "completed" });

/** Runs a script in the worker that holds the socket; does not wait for its end. */
async function inWorker(browser: Browser, script: string): Promise<CDPSession> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets");
  const worker = targetInfos.find(({ type }) => type === "shared_worker");
  if (!worker) throw new Error("there is no shared worker");
  const { targetId } = worker;
  const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
  const message = JSON.stringify({
    id: 1,
    method: "Runtime.evaluate",
    params: { expression: script },
  });
  await session.send("Target.sendMessageToTarget", { sessionId, message });
  return session;
}

describe("the tabs of one browser", () => {
  sharedTest(
    "twenty tabs of one browser have one socket, and all show what happens",
    async ({ world }) => {
      const tabs = await world.open(20);
      for (const tab of tabs) await untilSocket(tab, "shared");
      await until(
        () => world.proxy.open === 1,
        () => `one socket is open: ${world.proxy.open} are`,
      );
      await finish(world, 0);
      await world.send("PATCH", "/workflow/state/steps/1", {
        message: "half",
        status: "in_progress",
      });
      for (const tab of tabs) await untilStep(tab, 1, "in_progress");
      const pictures = await Promise.all(tabs.map(pictureOf));
      for (const picture of pictures) expect(picture).toEqual(pictures[0]);
      expect(world.proxy.open).toBe(1);
    },
  );

  sharedTest("go on when those that were there first are closed", async ({ world }) => {
    const [first, second, third] = await world.open(3);
    await untilSocket(third!, "shared");
    const { opened } = world.proxy;
    await first!.close();
    await second!.close();
    await finish(world, 0);
    await untilStep(third!, 0, "completed");
    // It goes on with the very socket that there was.
    expect([world.proxy.opened, world.proxy.open]).toEqual([opened, 1]);
    await untilPill(third!, "Live");
    await third!.close();
    await until(() => world.proxy.open === 0, "the last tab's socket is closed");
  });

  sharedTest(
    "the tabs of one browser are in step when one of them stood still meanwhile",
    async ({ world }) => {
      const [frozen, other] = await world.open(2);
      await untilSocket(frozen!, "shared");
      await untilSocket(other!, "shared");
      const session = await world.context.newCDPSession(frozen!);
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      for (const index of [0, 1, 2]) await finish(world, index);
      await untilStep(other!, 2, "completed");
      await session.send("Page.setWebLifecycleState", { state: "active" });
      await untilStep(frozen!, 2, "completed");
      await untilPill(frozen!, "Live");
      expect(await pictureOf(frozen!)).toEqual(await pictureOf(other!));
      expect(world.proxy.open).toBe(1);
    },
  );

  sharedTest(
    "follow the same output, each from where it came, and all of it",
    async ({ world }) => {
      const log = "/workflow/state/steps/0/log?workflow_id=run";
      const print = (text: string) =>
        fetch(world.address + log, {
          method: "POST",
          headers: { "Content-Type": "text/plain" },
          body: text,
        });
      await world.send("PATCH", "/workflow/state/steps/0", { status: "in_progress" });
      await print("before\n");
      const [early] = await world.open(1, `${world.address}/w/run?step=1`);
      await early!.getByText("before").first().waitFor();
      await print("between\n");
      const [late] = await world.open(1, `${world.address}/w/run?step=1`);
      await late!.getByText("between").first().waitFor();
      await print("after\n");
      for (const tab of [early!, late!]) await tab.getByText("after", { exact: true }).waitFor();
      for (const tab of [early!, late!]) {
        const lines = await tab.locator("[data-testid=output]").first().innerText();
        expect(lines.match(/before|between|after/g)).toEqual(["before", "between", "after"]);
      }
      expect(world.proxy.open).toBe(1);
    },
  );

  sharedTest(
    "the tabs of one browser go on with another worker when theirs is gone",
    async ({ world, browser }) => {
      const tabs = await world.open(3);
      for (const tab of tabs) await untilSocket(tab, "shared");
      const { opened } = world.proxy;
      const goneAt = performance.now();
      await inWorker(browser, "self.close()");
      await until(() => world.proxy.opened > opened, "a tab has a socket again");
      const tookMs = performance.now() - goneAt;
      // On a machine that is busy everything takes longer, as one more tab does.
      const openedAt = performance.now();
      const [another] = await world.open(1);
      await another!.locator("html:not([data-socket=none])[data-socket]").waitFor();
      expect(tookMs).toBeLessThan(2_000 + 3 * (performance.now() - openedAt));
      await finish(world, 0);
      for (const tab of tabs) await untilStep(tab, 0, "completed");
      for (const tab of tabs) await untilPill(tab, "Live");
    },
  );

  sharedTest(
    "the tabs of one browser leave a worker that does nothing any more",
    async ({ world, browser }) => {
      const tabs = await world.open(2);
      for (const tab of tabs) await untilSocket(tab, "shared");
      await inWorker(browser, "for (;;);");
      for (const tab of tabs) await untilSocket(tab, "own");
      await finish(world, 0);
      for (const tab of tabs) await untilStep(tab, 0, "completed");
      for (const tab of tabs) await untilPill(tab, "Live");
    },
  );

  sharedTest(
    "the tabs of one browser have a socket each where workers are forbidden",
    async ({ world }) => {
      await world.context.addInitScript(() => {
        Object.defineProperty(window, "SharedWorker", {
          value: class {
            constructor() {
              throw new DOMException("denied", "SecurityError");
            }
          },
        });
      });
      const tabs = await world.open(2);
      for (const tab of tabs) await untilSocket(tab, "own");
      await until(() => world.proxy.open === 2, "there are two sockets");
      await finish(world, 0);
      for (const tab of tabs) await untilStep(tab, 0, "completed");
    },
  );

  sharedTest(
    "the tabs of one browser have a socket each where the worker's script is gone",
    async ({ world }) => {
      await world.context.route(/sharedWorker/, (route) =>
        route.fulfill({ status: 404, body: "" }),
      );
      await world.context.addInitScript(() => {
        const Real = SharedWorker;
        Object.defineProperty(window, "SharedWorker", {
          value: function Gone(url: URL, options: WorkerOptions) {
            return new Real(new URL("gone.js", url), options);
          },
        });
      });
      const tabs = await world.open(2);
      for (const tab of tabs) await untilSocket(tab, "own");
      await finish(world, 0);
      for (const tab of tabs) await untilStep(tab, 0, "completed");
    },
  );

  sharedTest("tabs that drive a workflow do that on a socket of their own", async ({ world }) => {
    await world.send("DELETE", "/workflow/state?workflow_id=run");
    const [watches, drives] = await world.open(2, world.address);
    await holdExample(drives!, "prepare");
    await untilSocket(watches!, "shared");
    await untilSocket(drives!, "shared");
    await press(drives!, "run-example");
    await untilSocket(drives!, "own");
    await untilStep(drives!, 0, "in_progress");
    await until(() => world.proxy.open === 2, "there are two sockets");
    expect(await watches!.locator("html").getAttribute("data-socket")).toBe("shared");
  });
});

pageTest(
  "tabs with different tokens have different sockets",
  async ({ browser, startServer, onTestFinished }) => {
    const proxy = await startUpgradeProxy();
    onTestFinished(() => proxy.close());
    proxy.refuseUpgrades(false);
    const server = await startServer({
      allowedHosts: [`127.0.0.1:${proxy.port}`],
      tokens: [
        { token: "drives-everything", can: "drive" },
        { token: "watches-everything", can: "watch" },
      ],
    });
    proxy.leadTo(Number(new URL(server.url).port));
    const context = await newContext(browser);
    onTestFinished(() => context.close());
    for (const token of ["drives-everything", "watches-everything", "watches-everything"]) {
      const tab = await context.newPage();
      await tab.goto(`http://127.0.0.1:${proxy.port}/#t=${token}`);
      await untilSocket(tab, "shared");
    }
    await until(() => proxy.open === 2, "there are two sockets");
  },
);

pageTest(
  "tabs that share a socket see a killed server come back, each once",
  async ({ browser, dataDir, onTestFinished }) => {
    const server = await serverProcess(dataDir);
    onTestFinished(() => server.kill());
    await server.start();
    const send = sender(server.url);
    await send("POST", "/workflow/state", RUN);
    const context = await newContext(browser);
    onTestFinished(() => context.close());
    const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()));
    for (const tab of tabs) {
      await tab.goto(`${server.url}/w/run`);
      await untilSocket(tab, "shared");
    }
    await finish({ send }, 0);
    for (const tab of tabs) await untilStep(tab, 0, "completed");
    await server.kill();
    for (const tab of tabs) await tab.locator("html[data-socket=none]").waitFor();
    await server.start();
    for (const tab of tabs) await untilSocket(tab, "shared");
    await finish({ send }, 1);
    for (const tab of tabs) await untilStep(tab, 1, "completed");
  },
);
