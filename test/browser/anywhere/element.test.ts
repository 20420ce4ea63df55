/** The web component in somebody else's page: live, honest about the link, and gone without a trace. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect } from "vitest";
import { createInstep } from "../../../server/server.js";
import { pageTest, sender } from "../pageTest.js";

const PAGE = `<!doctype html><meta charset="utf-8"><title>A shop</title><style>:root { color-scheme: light dark }
body { font: 20px Georgia, serif; margin: 2em; max-width: 40em } p, h2, span { color: purple }</style>
<h1>A shop</h1><p>Our own page, with our own style.</p>
<instep-workflow workflow-id="deploy"></instep-workflow>
<script type="module" src="/instep/instep-workflow.js"></script>`;

pageTest(
  "the element shows a workflow live in a page that knows nothing of Instep, and says when it is not",
  async ({ dataDir, openTab, onTestFinished }) => {
    const instep = await createInstep({ dataDir });
    const app = express();
    app.get("/", (_request, response) => void response.type("html").send(PAGE));
    app.use("/instep", instep.router());
    const server = createServer(app);
    instep.attach(server, { mount: "/instep" });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(async () => {
      await instep.close({ drainMs: 1_000 });
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = sender(`${url}/instep`);
    const title = "<b>Deploy</b> the shop";
    const steps = [{ action: "build" }, { action: "test" }, { action: "ship" }];

    const tab = await openTab(`${url}/`);
    const standing = (name: string) =>
      tab.locator(`instep-workflow[data-standing=${name}]`).waitFor();
    await standing("unknown");
    await tab.getByText("There is no such workflow.").first().waitFor();
    await send("POST", "/workflow/state", { workflow_id: "deploy", title, steps });
    await tab.evaluate(() => {
      const element = document.querySelector("instep-workflow");
      element?.replaceWith(element.cloneNode());
    });
    await standing("live");
    // Text stays text, whatever stands in it.
    await tab.getByRole("heading", { name: title }).waitFor();
    await send("PATCH", "/workflow/state/steps/0?workflow_id=deploy", { status: "completed" });
    const update = { status: "in_progress", message: "12 of 40 suites", progress: 0.3 };
    await send("PATCH", "/workflow/state/steps/1?workflow_id=deploy", update);
    await tab.locator("li[data-status=in_progress]", { hasText: "12 of 40 suites" }).waitFor();
    expect(await tab.locator("li[data-status=completed]").count()).toBe(1);
    expect(await tab.getByRole("status").textContent()).toBe("running");

    // An address that is none is said, and the next one counts.
    const setServer = (server: string) =>
      tab.evaluate(
        (value) => document.querySelector("instep-workflow")?.setAttribute("server", value),
        server,
      );
    await setServer("http://[");
    await standing("unknown");
    await setServer("/instep/");
    await standing("live");

    // With its port: the program around a closed Instep would still answer reads.
    await instep.close({ drainMs: 1_000 });
    server.closeAllConnections();
    server.close();
    await standing("reconnecting");
    await tab.locator(".body.is-old").waitFor();
    await tab.locator(".standing", { hasText: "As of" }).waitFor();
  },
);
