/** The deliveries of webhooks on the page of their workflow: listed with what was answered, and sent again by hand. */
import { describe, expect } from "vitest";
import { openReceiver } from "../../support/links/receiver.js";
import { pageTest } from "../pageTest.js";
import { press, untilStatus } from "../tab.js";

const nightly = (status: string) => ({
  ...{ workflow_id: "nightly", name: "Nightly", status, current_step: 0 },
  steps: [{ action: "copy", status: status === "running" ? "in_progress" : status, index: 0 }],
});

describe("a workflow of which webhooks are told", () => {
  pageTest(
    "its page lists what a receiver answered as soon as it ended, and tells the receiver again when asked to",
    async ({ startServer, openTab }) => {
      const receiver = await openReceiver((response, times) => {
        if (times === 1) response.writeHead(410).end("not <b>any</b> more");
        else response.writeHead(204).end();
      });
      const webhooks = [{ url: receiver.url, name: "team", allow_private: true }];
      const { url, send } = await startServer({ webhooks });
      await send("POST", "/workflow/state", nightly("running"));
      const tab = await openTab(`${url}/w/nightly`);
      await untilStatus(tab, "running");
      await send("POST", "/workflow/state", nightly("completed"));
      await tab.locator("#tab-webhooks").click();
      const delivery = tab.locator("[data-testid=delivery]");
      await tab.locator("[data-testid=delivery][data-status=failed]").waitFor();
      const words = await delivery.innerText();
      for (const part of ["Given up", "team", "410", "“not <b>any</b> more”"])
        expect(words).toContain(part);
      expect(await tab.content()).not.toContain("key-in-the-path");
      await tab.reload();
      await delivery.waitFor();
      await press(tab, "send-again");
      await tab.locator("[data-testid=delivery][data-status=delivered]").waitFor();
      expect(await delivery.innerText()).toContain("answered 204");
      expect(receiver.told.map(({ event }) => event.id)).toEqual(
        Array(2).fill(receiver.told[0]?.event.id),
      );
    },
  );
});
