/** The web component in a page of another site: live and driving where that site was named, and otherwise a sentence that names the flag. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { pageTest } from "../pageTest.js";

const TOKEN = "a-token-of-sixteen";
const SCRIPT = new URL("../../../dist/element/instep-workflow.js", import.meta.url);

/** A site that shows what `page` says by then, and has the script itself, too. */
async function siteWith(page: () => string): Promise<{ port: number; close: () => void }> {
  const script = await readFile(SCRIPT);
  const server = createServer(({ url }, response) => {
    if (url === "/own.js") response.setHeader("Content-Type", "text/javascript").end(script);
    else response.setHeader("Content-Type", "text/html").end(page());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

pageTest(
  "a page of a site that was named follows and drives, and one that was not says which flag is missing",
  async ({ startServer, openTab, browser, onTestFinished }) => {
    let html = "";
    const site = await siteWith(() => html);
    onTestFinished(() => site.close());
    const named = `http://127.0.0.1:${site.port}`;
    const other = `http://localhost:${site.port}`;
    const server = await startServer({
      allowedOrigins: [named],
      tokens: [{ token: TOKEN, can: "drive" }],
    });
    const call = async (method: string, path: string, body: object) => {
      const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
      const asked = { method, headers, body: JSON.stringify(body) };
      expect((await fetch(server.url + path, asked)).status).toBe(200);
    };
    const steps = [{ action: "build", status: "in_progress" }, { action: "ship" }];
    await call("POST", "/workflow/state", { workflow_id: "deploy", title: "Deploy", steps });

    html = `<!doctype html><meta charset="utf-8"><title>A shop</title>
      <instep-workflow workflow-id="deploy" token="${TOKEN}"></instep-workflow>
      <script type="module" src="${server.url}/instep-workflow.js"></script>`;
    const tab = await openTab(`${named}/`);
    await tab.locator("instep-workflow[data-standing=live]").waitFor();
    const step = "/workflow/state/steps/0?workflow_id=deploy";
    await call("PATCH", step, { message: "half of it" });
    await tab.locator("li[data-status=in_progress]", { hasText: "half of it" }).waitFor();
    // By the page itself, with all the headers that a browser asks about first.
    const told = await tab.evaluate(
      async ([url, token]) => {
        const answer = await fetch(url!, {
          method: "PATCH",
          headers: {
            Authorization: `Bearer ${token}`,
            "Content-Type": "application/json",
            "Idempotency-Key": "once",
            "X-Request-Id": "from-a-shop",
          },
          body: JSON.stringify({ status: "completed" }),
        });
        return [answer.status, answer.headers.get("X-Request-Id")];
      },
      [server.url + step, TOKEN],
    );
    expect(told).toEqual([200, "from-a-shop"]);
    await tab.locator("li[data-status=completed]", { hasText: "build" }).waitFor();

    html = `<!doctype html><meta charset="utf-8"><title>Another shop</title>
      <instep-workflow workflow-id="deploy" token="${TOKEN}" server="${server.url}"></instep-workflow>
      <script type="module" src="/own.js"></script>`;
    const refused = await browser.newPage();
    onTestFinished(() => refused.close());
    await refused.goto(`${other}/`);
    await refused.locator("instep-workflow[data-standing=unknown]").waitFor();
    await refused.getByText(`needs --allow-origin ${other}`).first().waitFor();
    expect(await refused.locator("li").count()).toBe(0);
  },
);
