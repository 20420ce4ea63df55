/** Under a mount inside somebody else's Express app, the page finds its files, its routes and its socket. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { pageTest, sender } from "../pageTest.js";
import { untilPill, untilStatus, untilStep } from "../tab.js";

pageTest("the page works under a mount", async ({ dataDir, openTab, onTestFinished }) => {
  const instep = await createInstep({ dataDir });
  const app = express();
  app.use("/tools/instep", instep.router());
  const server = createServer(app);
  instep.attach(server, { mount: "/tools/instep" });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await instep.close({ drainMs: 1_000 });
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tools/instep`;

  const tab = await openTab(`${url}/`);
  await untilPill(tab, "Live");
  expect(await tab.locator("[data-testid=empty] code").first().textContent()).toContain(
    `${url}/workflow/state`,
  );
  await sender(url)("POST", "/workflow/state", {
    workflow_id: "in:side.1",
    steps: [{ action: "one" }],
  });
  await tab.locator("[data-workflow-id='in:side.1'] a").click();
  await untilStep(tab, 0, "pending");
  // Its first words find the server there, too.
  const script = /\/assets\/index-/;
  await tab.route(script, () => {});
  await tab.reload({ waitUntil: "commit" });
  await tab.locator(".early h1", { hasText: "in:side.1" }).waitFor();
  await tab.unroute(script);
  await tab.reload();
  await untilStatus(tab, "running");
  expect(new URL(tab.url()).pathname).toBe("/tools/instep/w/in%3Aside.1");
});
