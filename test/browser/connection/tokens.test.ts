/** Where tokens are needed: the address carries one in once, and it decides what can be done. */
import { describe, expect } from "vitest";
import { pageTest } from "../pageTest.js";
import { untilPill } from "../tab.js";

const tokens = [
  { token: "may-drive-0123456789", can: "drive" },
  { token: "may-watch-0123456789", can: "watch" },
] as const;

describe("a server with tokens", () => {
  pageTest("the page without a token says what is missing", async ({ startServer, openTab }) => {
    const { url } = await startServer({ tokens });
    const tab = await openTab(url);
    await untilPill(tab, "Signed out");
    await tab.getByRole("heading", { name: "A token is needed" }).waitFor();
  });

  pageTest(
    "one can be entered, and a wrong one is said to be",
    async ({ startServer, openTab }) => {
      const { url } = await startServer({ tokens });
      const tab = await openTab(url);
      await untilPill(tab, "Signed out");
      const signIn = tab.locator("main [data-testid=sign-in]");
      await signIn.getByLabel("Token").fill("not-the-token-at-all");
      await tab.keyboard.press("Enter");
      await signIn.getByRole("alert").waitFor();
      await tab.locator("[data-testid=connection] .pill-offer").click();
      await tab.locator("dialog").getByLabel("Token").fill(tokens[0].token);
      await tab.locator("dialog").getByRole("button", { name: "Sign in" }).click();
      await untilPill(tab, "Live");
      await tab.locator("[data-testid=run-example]:enabled").waitFor();
    },
  );

  pageTest(
    "one in the address lets in, leaves the address, and lasts over a reload",
    async ({ startServer, openTab }) => {
      const { url } = await startServer({ tokens });
      const tab = await openTab(`${url}/#t=${tokens[0].token}`);
      await untilPill(tab, "Live");
      expect(tab.url()).toBe(`${url}/`);
      await tab.reload();
      await untilPill(tab, "Live");
      await tab.locator("[data-testid=run-example]:enabled").waitFor();
    },
  );

  pageTest(
    "a link opens its workflow and nothing else, and says when it ended",
    async ({ startServer, openTab }) => {
      const { url } = await startServer({ tokens });
      const asked = async (method: string, path: string, body: object) => {
        const headers = {
          Authorization: `Bearer ${tokens[0].token}`,
          "Content-Type": "application/json",
        };
        const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
        return (await answer.json()) as { token: string; path: string };
      };
      for (const workflow_id of ["shown", "hidden"])
        await asked("POST", "/workflow/state", { workflow_id, title: `The ${workflow_id} one` });
      const { token, path } = await asked("POST", "/workflow/share", { workflow_id: "shown" });
      const tab = await openTab(`${url}/${path}`);
      await untilPill(tab, "Live");
      await tab.getByRole("heading", { name: "The shown one" }).first().waitFor();
      expect(tab.url()).toBe(`${url}/w/shown`);
      await tab.goto(`${url}/`);
      await tab.getByText("The shown one").first().waitFor();
      expect(await tab.getByText("The hidden one").count()).toBe(0);
      await asked("DELETE", "/workflow/share", { share: token });
      await untilPill(tab, "Signed out");
      const short = { workflow_id: "shown", for_ms: 1_000 };
      const ended = await asked("POST", "/workflow/share", short);
      const headers = { Authorization: `Bearer ${ended.token}` };
      await expect
        .poll(async () => (await fetch(`${url}/workflows`, { headers })).status)
        .toBe(401);
      const late = await openTab(`${url}/${ended.path}`);
      await late.getByRole("alert").getByText("this link ended at").waitFor();
    },
  );

  pageTest("one that may only watch closes the commands", async ({ startServer, openTab }) => {
    const { url } = await startServer({ tokens });
    const tab = await openTab(`${url}/#t=${tokens[1].token}`);
    await untilPill(tab, "Live");
    const run = tab.locator("[data-testid=run-example]");
    await expect.poll(() => run.getAttribute("title")).toMatch(/may watch/);
    expect(await run.isDisabled()).toBe(true);
  });

  pageTest(
    "who may drive makes a link on the page and takes it back, and a page that it opened offers none",
    async ({ startServer, openTab }) => {
      const { url } = await startServer({ tokens });
      const Authorization = `Bearer ${tokens[0].token}`;
      await fetch(`${url}/workflow/state`, {
        method: "POST",
        headers: { Authorization, "Content-Type": "application/json" },
        body: JSON.stringify({ workflow_id: "nightly", status: "running", steps: [] }),
      });
      const tab = await openTab(`${url}/w/nightly#t=${tokens[0].token}`);
      await tab.locator("[data-testid=share]").click();
      await tab.locator("[data-testid=share-for]").selectOption("1 hour");
      await tab.locator("[data-testid=make-link]").click();
      const link = await tab.locator("[data-testid=made-link]").inputValue();
      expect(link).toMatch(`${url}/w/nightly#t=share.`);
      const guest = await openTab(link);
      await untilPill(guest, "Live");
      await guest.locator("[data-testid=workflow-status]").waitFor();
      expect(await guest.locator("[data-testid=share]").count()).toBe(0);
      await tab.locator("[data-testid=share-link] button").click();
      await tab.locator("[data-testid=share-link]").waitFor({ state: "detached" });
      expect(await tab.locator("[data-testid=made-link]").count()).toBe(0);
      await untilPill(guest, "Signed out");
    },
  );
});
