/** Behind a proxy that nobody set up for it, the page shows what runs, and says what the proxy has to do for the rest. */
import { describe, expect } from "vitest";
import { startPlainProxy } from "../../support/links/plainProxy.js";
import { pageTest } from "../pageTest.js";
import { pictureOf, press, untilPill, untilStep } from "../tab.js";

describe("a proxy that passes on another Host", () => {
  pageTest(
    "the page follows what runs, and a refused command names both hosts and the way out",
    async ({ startServer, browser, onTestFinished }) => {
      const server = await startServer();
      const proxy = await startPlainProxy(server.url);
      onTestFinished(() => proxy.close());
      await server.send("POST", "/workflow/state", {
        workflow_id: "behind",
        steps: [{ action: "one" }, { action: "two" }],
      });
      const tab = await browser.newPage();
      onTestFinished(() => tab.close());
      await tab.goto(`http://127.0.0.1:${proxy.port}/w/behind`);
      await untilPill(tab, "Polling");
      await server.send("PATCH", "/workflow/state/steps/0", { status: "completed" });
      await untilStep(tab, 0, "completed");
      expect((await pictureOf(tab)).steps.map(({ status }) => status)).toEqual([
        "completed",
        "pending",
      ]);

      await server.send("DELETE", "/workflow/state?workflow_id=behind");
      await tab.goto(`http://127.0.0.1:${proxy.port}/`);
      await press(tab, "run-example");
      const said = tab.getByText(`--allow-host 127.0.0.1:${proxy.port}`, { exact: false });
      await said.first().waitFor();
      expect(await said.first().textContent()).toContain("proxy_set_header Host $http_host;");
    },
  );

  pageTest(
    "a page without its script says so, with and without its style",
    async ({ startServer, browser, onTestFinished }) => {
      const server = await startServer();
      const proxy = await startPlainProxy(server.url, ["/assets/"]);
      onTestFinished(() => proxy.close());
      const tab = await browser.newPage();
      onTestFinished(() => tab.close());
      await tab.goto(`http://127.0.0.1:${proxy.port}/`);
      await tab.getByText("This page's script has not come.").waitFor({ state: "visible" });
      await tab.getByText(/below this address, as \/assets\/index-[\w-]+\.js\./).waitFor();

      const whole = await browser.newPage();
      onTestFinished(() => whole.close());
      await whole.route("**/assets/*.js", (route) => route.abort());
      // Looked at in the page itself, as it is loaded: from here it might be seen when its time has come.
      await whole.addInitScript(() =>
        window.addEventListener("load", () => {
          const words = document.querySelector(".loading.is-late")!;
          Object.assign(window, { first: getComputedStyle(words).visibility });
        }),
      );
      await whole.goto(server.url);
      expect(await whole.evaluate(() => (window as unknown as { first: string }).first)).toBe(
        "hidden",
      );
      const late = whole.getByText("This page's script has not come.");
      await late.waitFor({ state: "visible" });
    },
  );
});
