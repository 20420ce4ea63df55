/** Every tab in step: what curl reports, what a reload restores, what a late tab sees. */
import { describe, expect } from "vitest";
import { pageTest } from "../pageTest.js";
import { pictureOf, press, untilStatus, untilStep } from "../tab.js";

const BACKUP = {
  workflow_id: "backup-1",
  title: "Nightly backup",
  steps: [
    { action: "make", title: "Make a folder" },
    { action: "copy", title: "Copy the files" },
    { action: "verify", title: "Verify" },
  ],
};

const step = (index: number) => `/workflow/state/steps/${index}`;

describe("two tabs and a script", () => {
  pageTest("a step reported by curl appears in both", async ({ startServer, openTab }) => {
    const server = await startServer();
    const one = await openTab(server.url);
    const other = await openTab(server.url);
    await one.locator("[data-testid=empty]").waitFor();

    await server.send("POST", "/workflow/state", BACKUP);
    await one.locator("[data-workflow-id=backup-1] a").click();
    await other.locator("[data-workflow-id=backup-1] a").click();
    await server.send("PATCH", step(0), { status: "completed" });
    await server.send("PATCH", step(1), {
      status: "in_progress",
      progress: 0.4,
      message: "4 of 10",
    });

    await untilStep(one, 1, "in_progress");
    await untilStep(other, 1, "in_progress");
    const picture = await pictureOf(one);
    expect(picture.status).toBe("Running");
    expect(picture.steps.map(({ status }) => status)).toEqual([
      "completed",
      "in_progress",
      "pending",
    ]);
    expect(picture.steps[1]?.text).toContain("4 of 10");
    expect(await pictureOf(other)).toEqual(picture);
  });

  pageTest(
    "a reload and a tab that comes late show the same picture, and what was found",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await server.send("POST", "/workflow/state", BACKUP);
      await server.send("PATCH", step(1), { status: "in_progress", message: "half way" });
      const watching = await openTab(`${server.url}/w/backup-1`);
      await untilStep(watching, 1, "in_progress");
      const before = await pictureOf(watching);

      await watching.reload();
      await untilStep(watching, 1, "in_progress");
      expect(await pictureOf(watching)).toEqual(before);
      await watching.locator("[data-testid=found]", { hasText: "still running" }).waitFor();

      const late = await openTab(server.url);
      await late.waitForURL("**/w/backup-1");
      await untilStep(late, 1, "in_progress");
      expect(await pictureOf(late)).toEqual(before);
      await late.locator("[data-testid=found]", { hasText: "still running" }).waitFor();

      await server.send("PATCH", step(2), { status: "completed" });
      await server.send("PATCH", "/workflow/state", { status: "completed" });
      await untilStatus(watching, "completed");
      await untilStatus(late, "completed");
      expect(await pictureOf(late)).toEqual(await pictureOf(watching));
    },
  );

  pageTest(
    "a cleared workflow says so in the tab that shows it, and leaves the list",
    async ({ startServer, openTab }) => {
      const server = await startServer();
      await server.send("POST", "/workflow/state", { ...BACKUP, status: "failed" });
      const shows = await openTab(`${server.url}/w/backup-1`);
      const clears = await openTab(`${server.url}/w/backup-1`);
      await untilStatus(shows, "failed");
      await press(clears, "clear");

      await shows.locator("[data-testid=closed]", { hasText: "Cleared" }).waitFor();
      expect((await pictureOf(shows)).steps).toHaveLength(3);
      await shows.getByRole("link", { name: "All workflows" }).click();
      await shows.locator("[data-testid=empty]").waitFor();
    },
  );

  pageTest(
    "an address is followed on: to what begins under it, and to the next one once that is cleared or over",
    async ({ startServer, openTab }) => {
      const server = await startServer({ clearAfterMs: 100 });
      const tab = await openTab(`${server.url}/w/backup-1`);
      await tab.locator("[data-testid=closed]", { hasText: "There is no such workflow" }).waitFor();
      await server.send("POST", "/workflow/state", BACKUP);
      await untilStatus(tab, "running");

      await server.send("DELETE", "/workflow/state?workflow_id=backup-1");
      await tab.locator("[data-testid=closed]", { hasText: "Cleared" }).waitFor();
      await server.send("POST", "/workflow/state", { ...BACKUP, title: "The second" });
      await tab.getByRole("heading", { name: "The second" }).waitFor();
      await untilStatus(tab, "running");

      await server.send("PATCH", "/workflow/state?workflow_id=backup-1", { status: "completed" });
      await tab.locator("[data-testid=closed]", { hasText: "history" }).waitFor();
      await server.send("POST", "/workflow/state", { ...BACKUP, title: "The third" });
      await tab.getByRole("heading", { name: "The third" }).waitFor();
      await tab.locator("[data-testid=closed]").waitFor({ state: "detached" });
    },
  );

  pageTest(
    "a workflow that went to the history can still be looked at",
    async ({ startServer, openTab }) => {
      const server = await startServer({ clearAfterMs: 100 });
      await server.send("POST", "/workflow/state", BACKUP);
      const tab = await openTab(`${server.url}/w/backup-1`);
      await untilStatus(tab, "running");
      await server.send("PATCH", "/workflow/state", { status: "completed" });
      await tab.locator("[data-testid=closed]", { hasText: "history" }).waitFor();

      const late = await openTab(`${server.url}/w/backup-1`);
      await untilStatus(late, "completed");
      expect(await pictureOf(late)).toEqual(await pictureOf(tab));
    },
  );
});
