/** The tools of a log in a real browser: one row at every width, and a menu that keyboard and finger can use. */
import { describe, expect } from "vitest";
import { pageTest, sender } from "../pageTest.js";
import { atRest } from "../tab.js";

const LOG = "/workflow/state/steps/0/log";

async function showLog(url: string, text = "one\ntwo\n", status = "completed"): Promise<void> {
  await sender(url)("POST", "/workflow/state", {
    workflow_id: "logs",
    steps: [
      { action: "copy", status: "in_progress" },
      { action: "rest", status: "pending" },
    ],
  });
  const headers = { "Content-Type": "text/plain" };
  await fetch(`${url}${LOG}`, { method: "POST", headers, body: text });
  if (status === "completed")
    await sender(url)("PATCH", "/workflow/state/steps/0", { status: "completed" });
}

describe("the tools of a log", () => {
  pageTest("stand in one row at every width", async ({ startServer, openTab }) => {
    const { url } = await startServer();
    await showLog(url);
    const tab = await openTab(`${url}/w/logs?step=copy`);
    for (const [width, height] of [
      [3840, 2160],
      [1280, 800],
      [768, 1024],
      [640, 400],
      [390, 844],
      [320, 640],
    ] as const) {
      await tab.setViewportSize({ width, height });
      if (width <= 640) await tab.locator("#tab-log").click();
      await tab.locator(".output-bar").waitFor();
      const look = () => {
        const bar = document.querySelector(".output-bar")!.getBoundingClientRect();
        const parts = [...document.querySelectorAll(".output-bar button, .output-bar a, input")]
          .filter((one) => one.checkVisibility())
          .map((one) => one.getBoundingClientRect());
        return {
          isOneRow: bar.height <= 48,
          isInside: parts.every(
            ({ left, right }) => left >= bar.left - 1 && right <= bar.right + 1,
          ),
          isApart: parts.every(({ left }, index) => index === 0 || left >= parts[index - 1]!.right),
          widest: document.documentElement.scrollWidth,
        };
      };
      const found = await atRest(tab, () => tab.evaluate(look));
      expect(found, `${width}`).toEqual({
        isOneRow: true,
        isInside: true,
        isApart: true,
        widest: expect.any(Number),
      });
      expect(found.widest).toBeLessThanOrEqual(width);
    }
  });

  pageTest(
    "the log's menu for the keyboard is opened, gone through, left by Escape, with the focus back",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await showLog(url);
      const tab = await openTab(`${url}/w/logs?step=copy`);
      await tab.locator("[data-testid=log-more]").focus();
      await tab.keyboard.press("Enter");
      await tab.locator(".menu-panel").waitFor();
      await tab.keyboard.press("Tab");
      const focused = () => tab.evaluate(() => document.activeElement?.textContent);
      await expect.poll(focused).toBe("Copy last 200 lines");
      await tab.keyboard.press("Escape");
      await tab.locator(".menu-panel").waitFor({ state: "detached" });
      await expect.poll(focused).toBe("⋯");
      await tab.keyboard.press("Enter");
      await tab.locator("#tab-details").focus();
      await tab.locator(".menu-panel").waitFor({ state: "detached" });
    },
  );

  pageTest(
    "copy the last lines from anywhere in a log, and a menu stays open to say so",
    async ({ browser, startServer }) => {
      const { url } = await startServer();
      const lines = Array.from({ length: 20_000 }, (_, line) => `line number ${line + 1}`);
      await showLog(url, `${lines.join("\n")}\n`);
      const context = await browser.newContext({ permissions: ["clipboard-read"] });
      const tab = await context.newPage();
      await tab.goto(`${url}/w/logs?step=copy#L50`);
      await tab.locator(".is-selected").waitFor();
      await tab.locator("[data-testid=log-more]").click();
      const copy = tab.locator("[data-testid=log-copy-last]");
      await copy.click();
      await expect.poll(() => copy.textContent()).toBe("Copied");
      const text = await tab.evaluate(() => navigator.clipboard.readText());
      expect(text).toContain("line number 19801\n");
      expect(text).toContain("line number 20000\n");
      await context.close();
    },
  );

  pageTest(
    "copy where there is no clipboard, as over plain http",
    async ({ browser, startServer }) => {
      const { url } = await startServer();
      await showLog(url);
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.addInitScript(() => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
        const copied: string[] = [];
        Object.assign(window, { copied });
        document.addEventListener("copy", () =>
          copied.push((document.activeElement as HTMLTextAreaElement).value),
        );
      });
      await tab.goto(`${url}/w/logs?step=copy`);
      await tab.getByRole("button", { name: "Copy the id" }).click();
      await tab.getByRole("button", { name: "Copied the id" }).waitFor();
      await tab.locator("[data-testid=log-more]").click();
      await tab.locator("[data-testid=log-copy-last]").click();
      const said = () => tab.locator("[data-testid=log-copy-last]").textContent();
      await expect.poll(said).toBe("Copied");
      const copied = await tab.evaluate(() => (window as unknown as { copied: string[] }).copied);
      expect(copied).toEqual(["logs", "copy, attempt 1:\n\n```text\none\ntwo\n```\n"]);
      await context.close();
    },
  );

  pageTest(
    "download the raw output under a name that says whose it is",
    async ({ startServer, openTab }) => {
      const { url } = await startServer();
      await showLog(url, "\u001b[31mred\u001b[0m\n");
      const tab = await openTab(`${url}/w/logs?step=copy`);
      const [download] = await Promise.all([
        tab.waitForEvent("download"),
        tab.locator("[data-testid=log-download]").click(),
      ]);
      expect(download.suggestedFilename()).toBe("logs.step-1.attempt-1.log");
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe("\u001b[31mred\u001b[0m\n");
    },
  );
});
