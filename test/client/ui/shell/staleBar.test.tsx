// @vitest-environment happy-dom
/** The page while its server, one of a cluster, cannot follow the store. */
import { afterEach, describe, expect, test } from "vitest";
import { commandObstacle } from "../../../../client/ui/page/inStep.js";
import { type FakePage, openFakePage } from "../fakePage.js";

let fake: FakePage;
afterEach(() => fake?.stop());

const bar = () => fake.text('[data-testid="stale"]');
const pill = () => fake.text('[data-testid="connection"]');
const SINCE = new Date(2026, 0, 1, 9, 41, 7).getTime();

describe("a server that cannot follow its store", () => {
  test("the page says so with the time in bar and pill, and takes no command, for as long as it is so", async () => {
    fake = await openFakePage("/");
    await fake.connect({ staleSince: SINCE, node: "one" });
    expect(bar()).toBe(
      "This server cannot reach its store. What you see is as of 09:41:07. Commands are refused until it can.",
    );
    expect(pill()).toContain("As of 09:41:07");
    expect(document.querySelector('[data-testid="connection"]')?.getAttribute("title")).toBe(
      "Served by one",
    );
    expect(commandObstacle(fake.page.connection.value)).toContain("cannot reach its store");
    await fake.pass(500);
    expect(fake.page.announcer.warning.value).toContain("as of 09:41:07");
    await fake.connect({ staleSince: null });
    expect(bar()).toBe("");
    expect(pill()).toContain("Live");
    expect(commandObstacle(fake.page.connection.value)).toBe(null);
    await fake.pass(500);
    expect(fake.page.announcer.text.value).toContain("What you see is current.");
  });

  test("the page says nothing of it while it has no connection", async () => {
    fake = await openFakePage("/");
    await fake.connect({ staleSince: SINCE, phase: "waiting" });
    expect(bar()).toBe("");
  });
});
