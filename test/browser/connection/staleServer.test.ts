/** A tab of a server of a cluster that cannot follow the store: what it says, and that it takes no command meanwhile. */
import { expect } from "vitest";
import { FakeStanding } from "../../support/cluster/fakeStanding.js";
import { pageTest } from "../pageTest.js";

pageTest(
  "a tab says as of when it is while its server cannot follow the store, and is live again after",
  async ({ startServer, openTab }) => {
    const standing = new FakeStanding("gpu-1");
    const server = await startServer({ standing });
    const steps = [{ action: "build", status: "completed" }];
    const ended = { workflow_id: "w", title: "Deploy", status: "completed", steps };
    await server.send("POST", "/workflow/state", ended);
    const tab = await openTab(`${server.url}/w/w`);
    const pill = tab.getByTestId("connection");
    await pill.getByText("Live").waitFor();
    await expect.poll(() => pill.getAttribute("title")).toBe("Served by gpu-1");
    const clear = tab.getByTestId("clear").first();
    await expect.poll(() => clear.isEnabled()).toBe(true);

    const since = new Date(2026, 0, 1, 9, 41, 7);
    standing.becomes(since.toISOString());
    await pill.getByText("As of 09:41:07").waitFor();
    await tab.getByTestId("stale").getByText("This server cannot reach its store.").waitFor();
    await expect.poll(() => tab.title()).toMatch(/^◷ /);
    await expect.poll(() => clear.isEnabled()).toBe(false);

    standing.becomes(null);
    await pill.getByText("Live").waitFor();
    await expect.poll(() => tab.getByTestId("stale").count()).toBe(0);
    await expect.poll(() => tab.title()).not.toMatch(/^◷/);
    await expect.poll(() => clear.isEnabled()).toBe(true);
  },
);
