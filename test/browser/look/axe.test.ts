/** Every view in both themes, without a barrier that can be measured. A new view is one more line of the table. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { pageTest, type TestServer } from "../pageTest.js";
import { SITUATIONS, situation } from "../situations.js";
import { untilPill, untilStatus, withOwnSocket } from "../tab.js";

interface ViewUnderTest {
  readonly name: string;
  /** The workflows there are, by situation. */
  readonly with?: readonly string[];
  readonly path: string;
  /** The window; without it that of a desk. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Once it is the view it is meant to be. */
  ready(tab: Page): Promise<unknown>;
}

const shown = (selector: string) => (tab: Page) => tab.locator(selector).first().waitFor();
const ALL = Object.keys(SITUATIONS);
const PHONE = { width: 390, height: 844 };

const VIEWS: readonly ViewUnderTest[] = [
  { name: "first run", path: "/", ready: shown(".offers") },
  {
    name: "the list",
    // From the list itself the page goes on to the current workflow.
    path: "/?q=nothing-like-it",
    with: ALL,
    ready: async (tab) => {
      await tab.getByRole("link", { name: "Clear filters" }).click();
      await tab.locator(".rows").waitFor();
    },
  },
  { name: "the list, filtered", path: "/?status=failed", with: ALL, ready: shown(".rows") },
  {
    name: "nothing matches",
    path: "/?q=xyz",
    with: ALL,
    ready: shown("[data-testid=nothing-fits]"),
  },
  ...ALL.map((name) => ({
    name: `a workflow: ${name}`,
    with: [name],
    path: `/w/${name}`,
    ready: shown("[data-testid=workflow-status]"),
  })),
  ...ALL.map((name) => ({
    name: `a workflow on a phone: ${name}`,
    with: [name],
    path: `/w/${name}`,
    size: PHONE,
    ready: shown(".tab-narrow[aria-selected=true]"),
  })),
  {
    name: "a workflow, of which the page was told when it was loaded",
    with: ["interrupted"],
    path: "/",
    ready: async (tab) => {
      await untilStatus(tab, "interrupted");
      await tab.locator("[data-testid=banner]").waitFor();
    },
  },
  ...["details", "timeline", "inputs"].flatMap((tab) =>
    ["failed", "running", "unlinked"].map((name) => ({
      name: `the ${tab} of a workflow: ${name}`,
      with: [name],
      path: `/w/${name}`,
      ready: async (page: Page) => {
        await page.locator(`#tab-${tab}`).click();
        await page.locator(`#pane-${tab}`).waitFor();
      },
    })),
  ),
  ...[undefined, PHONE].map((size) => ({
    name: `what webhooks were told of a workflow${size ? ", on a phone" : ""}`,
    with: ["failed"],
    path: "/w/failed",
    ...(size && { size }),
    ready: async (tab: Page) => {
      await tab.locator("#tab-webhooks").click();
      await tab.locator("[data-testid=send-again]").first().waitFor();
    },
  })),
  { name: "no such workflow", path: "/w/none", ready: shown("[data-testid=closed]") },
  { name: "what can be started", path: "/start", ready: shown("[data-testid=definitions]") },
  { name: "the form of a start", path: "/start/deploy", ready: shown("[data-testid=start-form]") },
  {
    name: "the form of a start, refused",
    path: "/start/deploy",
    ready: async (tab) => {
      await tab.locator("[data-testid=start]").click();
      await tab.locator("[aria-invalid=true]").first().waitFor();
    },
  },
  {
    name: "the keys",
    with: ["running"],
    path: "/w/running",
    ready: async (tab) => {
      await untilStatus(tab, "running");
      await tab.keyboard.press("?");
      await tab.locator("[data-testid=keys-dialog]").waitFor();
    },
  },
  {
    name: "not connected",
    with: ["running"],
    path: "/w/running",
    ready: async (tab) => {
      await withOwnSocket(tab);
      await untilStatus(tab, "running");
      await untilPill(tab, "Live");
      await tab.context().setOffline(true);
      await tab.evaluate(() => window.dispatchEvent(new Event("offline")));
      await untilPill(tab, "Offline");
    },
  },
];

const DEPLOY = `
name: deploy
title: Deploy the shop
description: Builds it and switches over.
inputs:
  host: { type: string, required: true, title: Host }
  mode: { type: choice, options: [blue, green], default: blue }
  times: { type: number, min: 1, max: 5 }
  key: { type: secret }
steps:
  - { action: check, run: "true" }
  - { action: extra, run: "true", enabled: false }
`;

/** Nothing listens there. */
const NOBODY = { url: "http://127.0.0.1:9/", name: "nobody", allow_private: true };

const test = pageTest.extend<{ deployServer: () => Promise<TestServer> }>({
  deployServer: async ({ startServer, dataDir }, use) => {
    await use(() => {
      const workflowsDir = join(dataDir, "definitions");
      mkdirSync(workflowsDir, { recursive: true });
      writeFileSync(join(workflowsDir, "deploy.yaml"), DEPLOY);
      writeFileSync(join(workflowsDir, "broken.yaml"), "name: broken\nsteps: 7\n");
      return startServer({ workflowsDir, webhooks: [NOBODY], clearAfterMs: 600_000 });
    });
  },
});

/** Each barrier, and where it stands. */
async function barriers(tab: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: tab }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe("no barrier that can be measured is in", () => {
  for (const view of VIEWS) {
    test(view.name, async ({ deployServer, openTab }) => {
      const { url, send } = await deployServer();
      for (const name of view.with ?? []) await send("POST", "/workflow/state", situation(name));
      const tab = await openTab("about:blank");
      await tab.emulateMedia({ reducedMotion: "reduce", colorScheme: "light" });
      if (view.size) await tab.setViewportSize(view.size);
      await tab.goto(url + view.path);
      await view.ready(tab);
      const light = await barriers(tab);
      await tab.emulateMedia({ reducedMotion: "reduce", colorScheme: "dark" });
      expect({ light, dark: await barriers(tab) }).toEqual({ light: [], dark: [] });
    });
  }
});
