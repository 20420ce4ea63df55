/** A server of a cluster that cannot follow the store, on every door: it says since when, and goes on answering as of then. */
import { describe, expect } from "vitest";
import { FakeStanding } from "../../support/cluster/fakeStanding.js";
import { until } from "../../support/deadline.js";
import { liveTest } from "../../support/servers/liveServer.js";

const SINCE = "2026-01-01T00:00:00.000Z";

describe("a server that cannot follow the store", () => {
  liveTest(
    "it says since when on every answer and to every tab, until it follows",
    async ({ serve }) => {
      const standing = new FakeStanding("one");
      const server = await serve({ standing });
      const { epoch } = await server.saved({ workflow_id: "w", name: "W" });
      const { tab, hello } = await server.greet();
      expect(hello.node).toBe("one");

      standing.becomes(SINCE);
      expect(await tab.take("stale")).toEqual({ type: "stale", since: SINCE });
      const late = await server.openTab();
      expect(await late.take("stale")).toEqual({ type: "stale", since: SINCE });
      const answers = await Promise.all([
        server.get(),
        server.get("/workflow/state", { "If-None-Match": `"${epoch}.1"` }),
        server.get("/workflow/state/summary"),
        server.get("/workflows"),
        server.get("/workflow/state?workflow_id=none"),
        server.get("/workflow/nowhere"),
        server.get("/healthz"),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 304, 200, 200, 200, 404, 200]);
      for (const { headers } of answers) {
        expect(headers.get("Instep-Stale")).toBe(SINCE);
        expect(headers.get("Instep-Served-By")).toBe("one");
      }
      const ready = await server.get("/readyz");
      expect([ready.status, ready.body]).toEqual([503, { status: "stale", since: SINCE }]);

      standing.becomes(null);
      expect(await tab.take("stale")).toEqual({ type: "stale", since: null });
      const follows = await server.get();
      expect(follows.headers.get("Instep-Stale")).toBe(null);
      expect(follows.headers.get("Instep-Served-By")).toBe("one");
      expect((await server.get("/readyz")).body).toEqual({ status: "ready" });
      const last = await server.openTab();
      last.send({ type: "ping" });
      expect(await last.next()).toMatchObject({ type: "pong" });
    },
  );

  liveTest(
    "whoever waits for an answer has it at once, and is held for 2 s at most meanwhile",
    async ({ serve }) => {
      const standing = new FakeStanding("one");
      const server = await serve({ standing });
      const { epoch } = await server.saved({ workflow_id: "w" });
      /** The answer, once the server holds it back for so long. */
      const waits = async (ms: number) => {
        const before = server.clock.waitingFor(ms);
        const known = { "If-None-Match": `"${epoch}.1"` };
        const answer = server.get("/workflow/state?wait=59s", known);
        await until(() => server.clock.waitingFor(ms) > before, "the answer is held");
        return { answer };
      };

      const held = await waits(59_000);
      standing.becomes(SINCE);
      const told = await held.answer;
      expect([told.status, told.headers.get("Instep-Stale")]).toEqual([304, SINCE]);

      const again = await waits(2_000);
      server.clock.advance(2_000);
      const asBefore = await again.answer;
      expect([asBefore.status, asBefore.headers.get("Instep-Stale")]).toEqual([304, SINCE]);

      const last = await waits(2_000);
      standing.becomes(null);
      const follows = await last.answer;
      expect([follows.status, follows.headers.get("Instep-Stale")]).toEqual([304, null]);
    },
  );

  liveTest("a server that is closed listens no more", async ({ serve }) => {
    const standing = new FakeStanding("one");
    const server = await serve({ standing });
    await server.openTab();
    expect(standing.listeners).toBe(2);
    await server.stop();
    expect(standing.listeners).toBe(0);
  });
});

describe("a server alone", () => {
  liveTest("it says nothing of a cluster", async ({ serve }) => {
    const server = await serve();
    const { hello } = await server.greet();
    expect(hello).not.toHaveProperty("node");
    const { headers } = await server.get();
    expect(headers.has("Instep-Served-By") || headers.has("Instep-Stale")).toBe(false);
  });
});
