/** Tokens that change while the server runs: who came in by one that is gone is cut off, nobody else is. */
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { createClient } from "../../../client/index.js";
import { until } from "../../support/deadline.js";
import { liveTest } from "../../support/servers/liveServer.js";

const OLD = { token: "old-token", can: "drive" } as const;
const KEPT = { token: "kept-token", can: "drive" } as const;
const bearer = ({ token }: { token: string }) => ({ Authorization: `Bearer ${token}` });

describe("a token that is taken away", () => {
  liveTest(
    "a token that is taken away closes its sockets and ends what REST holds for it",
    async ({ serve }) => {
      const server = await serve({ tokens: [OLD, KEPT] });
      await server.saved({ workflow_id: "a", steps: [{ action: "x" }] }, bearer(KEPT));
      const { headers } = await server.get("/workflow/state", bearer(KEPT));
      const tag = headers.get("etag") ?? "";
      const gone = await server.openTab({ headers: bearer(OLD) });
      const kept = await server.openTab({ headers: bearer(KEPT) });
      const log = await fetch(`${server.url}/workflow/state/steps/0/log?follow=1`, {
        headers: bearer(OLD),
      });
      const waiting = server.clock.waiting;
      const held = server.get("/workflow/state?wait=60s", { ...bearer(OLD), "If-None-Match": tag });
      const ended = held.then(
        () => "answered",
        () => "cut off",
      );
      await until(() => server.clock.waiting > waiting, "the answer is held");
      server.instep.setTokens([KEPT]);
      gone.propose({ kind: "save", state: { workflow_id: "late" } });
      expect((await gone.closed).code).toBe(4401);
      expect(await ended).toBe("cut off");
      await expect(log.text()).rejects.toThrow();
      expect((await server.get("/workflow/state", bearer(OLD))).status).toBe(401);
      await kept.accepted({ kind: "save", merge: true, state: { title: "goes on" } });
      expect((await server.get("/workflow/state?workflow_id=late", bearer(KEPT))).body.state).toBe(
        null,
      );
    },
  );

  liveTest(
    "a token that is taken away is no guess when its tabs come back with it",
    async ({ serve }) => {
      const server = await serve({ tokens: [OLD, KEPT] });
      server.instep.setTokens([KEPT]);
      for (let i = 0; i < 50; i++) {
        expect((await server.get("/workflow/state", bearer(OLD))).status).toBe(401);
      }
    },
  );

  liveTest("a token that is taken away has its client ask for another one", async ({ serve }) => {
    const server = await serve({ tokens: [OLD] });
    const client = createClient({ url: server.url, token: OLD.token, WebSocket });
    client.watch("current", () => {});
    await until(() => client.connection.phase === "live", "it is live");
    server.instep.setTokens([KEPT]);
    await until(() => client.connection.phase === "stopped", "it has stopped");
    expect(client.connection.why).toBe("unauthorized");
    client.close();
  });
});

describe("tokens", () => {
  liveTest("a token that may do something else now has its sockets closed", async ({ serve }) => {
    const server = await serve({ tokens: [OLD, KEPT] });
    const [changed, same] = [
      await server.openTab({ headers: bearer(OLD) }),
      await server.openTab({ headers: bearer(KEPT) }),
    ];
    server.instep.setTokens([KEPT, { ...OLD, can: "watch" }]);
    expect((await changed.closed).code).toBe(4401);
    const { hello } = await server.greet({ headers: bearer(OLD) });
    expect(hello.can).toEqual(["watch"]);
    expect(await same.rest()).toEqual([]);
  });

  liveTest(
    "tokens that come to an open server close it, and none let nobody in",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      server.instep.setTokens([KEPT]);
      expect((await tab.closed).code).toBe(4401);
      expect((await server.get()).status).toBe(401);
      server.instep.setTokens([]);
      expect((await server.get("/workflow/state", bearer(KEPT))).status).toBe(401);
    },
  );

  liveTest(
    "an empty list lets nobody in from the start, and a list that is none changes nothing",
    async ({ serve }) => {
      const server = await serve({ tokens: [] });
      expect((await server.get()).status).toBe(401);
      server.instep.setTokens([KEPT]);
      expect(() => server.instep.setTokens([{ ...KEPT, can: "all" as "watch" }])).toThrow(
        "tokens: entry 1: can is not as it must be",
      );
      expect((await server.get("/workflow/state", bearer(KEPT))).status).toBe(200);
    },
  );

  liveTest.for([
    [{ tokens: "secret" }, /^tokens: /],
    [{ allowedHosts: "runs.example.com" }, "allowedHosts: must be a list of texts"],
    [{ allowedOrigins: "https://app.example.com" }, "allowedOrigins: must be a list of texts"],
    [{ trustProxy: "loopback" }, "trustProxy: must be a list of texts"],
    [{ trustProxy: true }, "trustProxy: must be a list of texts"],
    [{ basePath: null }, "basePath: must be text"],
  ] as const)(
    "an Instep is refused where an option is of another type: %j",
    ([options, words], { serve }) => expect(serve(options as never)).rejects.toThrow(words),
  );
});
