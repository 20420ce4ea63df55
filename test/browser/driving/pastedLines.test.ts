/** A private key that is pasted into a form arrives as it was copied, whichever of the browser's ways it took. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { runnerAt } from "../../support/servers/runnerWorld.js";
import { pageTest as test } from "../pageTest.js";

const KEY = "-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----\n";
const NEEDS_KEY = `
name: needs-key
inputs:
  note: { type: string }
  key: { type: secret, title: Key }
  times: { type: number }
steps:
  - action: count
    run: printf %s "$INPUT_KEY" | wc -lc; printf %s "$INPUT_NOTE" | wc -lc
`;

/** As a person copies it from another window. */
async function copy(tab: Page, text: string): Promise<void> {
  await tab.evaluate((text) => {
    const from = document.createElement("textarea");
    from.id = "copied-from";
    from.value = text;
    document.body.append(from);
    from.select();
  }, text);
  await tab.keyboard.press("Control+C");
  await tab.evaluate(() => document.getElementById("copied-from")!.remove());
}

test("a key of several lines stays whole in text and in a secret, and is refused in words for a number", async ({
  startServer,
  openTab,
  dataDir,
}) => {
  const workflowsDir = join(dataDir, "definitions");
  mkdirSync(workflowsDir, { recursive: true });
  const { url } = await startServer({ workflowsDir, env: { PATH: process.env.PATH } });
  const { define, ended, outputOf } = runnerAt(() => url, workflowsDir);
  define("needs-key.yaml", NEEDS_KEY);
  const tab = await openTab(`${url}/start/needs-key`);
  await tab.locator("[data-testid=start]:enabled").waitFor();
  await copy(tab, KEY);
  for (const field of ["note", "key", "times"]) {
    await tab.locator(`#input-${field}`).focus();
    await tab.keyboard.press("Control+V");
  }
  expect(await tab.locator("#input-note").inputValue()).toBe(KEY);
  expect(await tab.locator("#input-key").inputValue()).toBe(KEY);
  expect(await tab.locator("#input-times").inputValue()).toBe("");
  await tab.getByText("3 lines were pasted, and a number has one.").waitFor();
  const hidden = tab.locator("#input-key");
  expect(
    await hidden.evaluate((shown) =>
      getComputedStyle(shown).getPropertyValue("-webkit-text-security"),
    ),
  ).toBe("disc");

  // Not even a copy gets it out again.
  await hidden.focus();
  await tab.keyboard.press("Control+A");
  await tab.keyboard.press("Control+C");
  await tab.locator("#input-times").focus();
  await tab.keyboard.press("Control+V");
  expect(await tab.locator("#input-times").inputValue()).not.toContain("abc");

  // Enter starts nothing: it leads to the button, and there it does.
  await tab.locator("#input-times").fill("2");
  await tab.keyboard.press("Enter");
  expect(new URL(tab.url()).pathname).toBe("/start/needs-key");
  await tab.locator("[data-testid=start]:focus").waitFor();
  await tab.keyboard.press("Enter");
  await tab.waitForURL("**/w/*");
  const id = decodeURIComponent(new URL(tab.url()).pathname.slice("/w/".length));
  await ended(id);
  const counts = (await outputOf(id, 0))
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  expect(counts).toEqual([
    ["3", String(KEY.length)],
    ["3", String(KEY.length)],
  ]);
});
