/** Pages of other origins at all doors: those that were named call, follow and read refusals, the others are told nothing. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { describe, expect } from "vitest";
import { CALLS } from "../../../server/contracts/calls.js";
import { createInstep, type Instep, type Who } from "../../../server/server.js";
import { TOKEN_SUBPROTOCOL } from "../../../shared/names.js";
import { until } from "../../support/deadline.js";
import { Streamed, TEXT } from "../../support/links/output.js";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const APP = "https://app.example.com";
const OTHER = "https://app.example.com.evil.example";
const ALLOWED = { allowedOrigins: [APP] };
const TOKEN = { token: "a-token-of-sixteen", can: "drive" } as const;
const BEARER = { Authorization: `Bearer ${TOKEN.token}` };
/** As a browser sends them beside a call of a page of another site. */
const CROSS = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" };
const of = (origin: string, headers: object = {}) => ({ Origin: origin, ...CROSS, ...headers });
const allowed = (headers: Headers) => headers.get("access-control-allow-origin");

const QUESTION = { "Access-Control-Request-Method": "PATCH" };

describe("a page of another origin", () => {
  liveTest("every call of a page that was named is asked about and answered", async ({ serve }) => {
    const server = await serve({ ...ALLOWED, tokens: [TOKEN], basePath: "/tools/instep" });
    for (const path of Object.keys(CALLS)) {
      const at = path.replace("{index}", "0").replace("{id}", "d");
      const ask = async (origin: string) => {
        const { status, headers } = await server.call("OPTIONS", at, {
          headers: of(origin, QUESTION),
        });
        return [path, status, allowed(headers), headers.has("access-control-allow-headers")];
      };
      const isOpen = path !== "/metrics";
      expect(await ask(APP)).toEqual([path, isOpen ? 204 : 403, isOpen ? APP : null, isOpen]);
      for (const origin of [OTHER, "null"]) {
        const isPublic = ["/healthz", "/readyz"].includes(path);
        const isSchema = path === "/workflow/definitions/schema.json";
        const status = isPublic || isSchema ? 204 : 403;
        expect(await ask(origin)).toEqual([path, status, null, false]);
      }
    }
  });

  liveTest(
    "it reads answers and refusals alike, and no cache gives them to others",
    async ({ serve }) => {
      const server = await serve({
        ...ALLOWED,
        tokens: [TOKEN],
      });
      const state = { workflow_id: "w", steps: [{ action: "a", status: "in_progress" }] };
      const save = { body: state };
      const slow = await serve({
        ...ALLOWED,
        limits: { commandsPerSecond: 0.001, commandBurst: 1 },
      });
      const paced = async () => slow.call("POST", "/workflow/state", { ...save, headers: of(APP) });
      await until(async () => {
        const { status, headers } = await paced();
        expect(allowed(headers)).toBe(APP);
        return status === 429;
      }, "a call too many");
      const rows = [
        ["POST", "/workflow/state", 200, BEARER, save],
        ["GET", "/workflow/state?workflow_id=w", 200, BEARER, {}],
        ["GET", "/workflow/state/summary", 200, BEARER, {}],
        ["GET", "/workflows", 200, BEARER, {}],
        ["GET", "/workflow/state", 401, {}, {}],
        ["GET", "/workflows", 401, {}, {}],
        ["GET", "/workflow/nothing", 404, BEARER, {}],
        ["PUT", "/workflow/state", 405, BEARER, {}],
        ["GET", "/workflow/live", 426, BEARER, {}],
        ["POST", "/workflow/state", 400, BEARER, { body: "{" }],
        ["POST", "/workflow/state", 413, BEARER, { body: { ...state, data: "x".repeat(2 ** 21) } }],
        ["GET", "/instep-workflow.js", 200, {}, {}],
        ["GET", "/nowhere", 404, {}, {}],
      ] as const;
      for (const [method, path, status, headers, options] of rows) {
        const answer = await server.call(method, path, { ...options, headers: of(APP, headers) });
        expect([path, answer.status, allowed(answer.headers)]).toEqual([path, status, APP]);
        expect(answer.headers.get("vary")).toMatch(/\bOrigin\b/);
        expect(answer.headers.get("access-control-expose-headers")).toContain("ETag");
        expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
        // To a program the same is answered, and a cache is told that pages may get something else.
        const { headers: others } = await server.call(method, path, { ...options, headers });
        expect([path, allowed(others), others.get("vary")]).toEqual([
          path,
          null,
          expect.stringMatching(/\bOrigin\b/),
        ]);
        if (status === 405) continue;
        const refused = await server.call(method, path, {
          ...options,
          headers: of(OTHER, headers),
        });
        expect([path, allowed(refused.headers)]).toEqual([path, null]);
        if (path.startsWith("/workflow/s")) expect([path, refused.status]).toEqual([path, 403]);
      }
    },
  );

  liveTest(
    "a page that was named follows a log, a stream of events and a socket",
    async ({ serve }) => {
      const server = await serve({ ...ALLOWED, tokens: [TOKEN] });
      await server.saved(
        { workflow_id: "w", steps: [{ action: "a", status: "in_progress" }] },
        BEARER,
      );
      const log = `${server.url}/workflow/state/steps/0/log?workflow_id=w`;
      await call(log, "POST", { body: "line\n", headers: of(APP, { ...BEARER, ...TEXT }) });
      const headers = of(APP, BEARER);
      const followed = await Streamed.open(`${log}&follow=1`, headers);
      expect(followed.answer.headers["access-control-allow-origin"]).toBe(APP);
      await until(() => followed.text === "line\n", "the line is here");
      const streams = new AbortController();
      const events = await fetch(`${server.url}/workflow/live?workflow_id=w`, {
        headers: { ...headers, Accept: "text/event-stream" },
        signal: streams.signal,
      });
      expect([events.status, allowed(events.headers)]).toEqual([200, APP]);
      streams.abort();

      const protocols = [
        "instep.v1",
        `${TOKEN_SUBPROTOCOL}${Buffer.from(TOKEN.token).toString("base64url")}`,
      ];
      const tab = await server.openTab({ origin: APP, protocols, headers: CROSS });
      tab.subscribe("w");
      expect((await tab.take("snapshot")).workflow_id).toBe("w");
      for (const origin of [OTHER, "null", `${APP}:443`, `${APP}/`, APP.toUpperCase()])
        await expect(server.openTab({ origin, protocols, headers: CROSS })).rejects.toThrow("403");
    },
  );

  liveTest("neither the page of Instep nor its metrics are open to it", async ({ serve }) => {
    const server = await serve({ ...ALLOWED, metrics: true });
    for (const path of ["/", "/start", "/w/a", "/metrics", "/METRICS"]) {
      const { status, headers } = await server.get(path, of(APP));
      expect([path, status, allowed(headers)]).toEqual([path, 403, null]);
    }
    const { headers } = await server.get("/");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  liveTest(
    "a name that is not the server's stays refused, and so do two origins",
    async ({ serve }) => {
      const server = await serve(ALLOWED);
      const own = `Host: 127.0.0.1:${server.port}`;
      const protocol = "Sec-WebSocket-Protocol: instep.v1";
      const rows: readonly (readonly [readonly string[], number])[] = [
        [[own, `Origin: ${APP}`], 200],
        [["Host: evil.example", `Origin: ${APP}`], 403],
        [[own, `Origin: ${APP}`, `Origin: ${APP}`], 400],
        [[own, `Origin: ${APP}`, `Origin: ${OTHER}`], 400],
        [[own, `Origin: ${APP}, ${OTHER}`], 403],
        [[own, "Sec-Fetch-Site: cross-site"], 403],
        [[own, `Origin: ${OTHER}`, "Sec-Fetch-Site: same-origin"], 403],
      ];
      for (const [lines, status] of rows) {
        for (const path of ["/workflow/state", "/workflows"]) {
          const answer = await sendRaw(server.port, requestText("GET", path, lines));
          expect([lines, path, answer.status]).toEqual([lines, path, status]);
        }
        const upgrade = upgradeText("/workflow/live", [...lines, protocol]);
        const answer = await sendRaw(server.port, upgrade);
        expect([lines, answer.status]).toEqual([lines, status === 200 ? 101 : status]);
      }
    },
  );

  liveTest("nobody is signed in there by a cookie: a token is needed", async ({ serve }) => {
    const authorize = ({ headers }: { headers: { cookie?: string | undefined } }): Who | null =>
      headers.cookie === "session=ann" ? { user: "ann", can: "drive" } : null;
    const server = await serve({ ...ALLOWED, authorize, tokens: [TOKEN] });
    const cookie = { Cookie: "session=ann" };
    const ask = async (headers: Record<string, string>) => {
      const { status } = await server.call("POST", "/workflow/state", {
        body: { workflow_id: "w", steps: [{ action: "a" }] },
        headers,
      });
      return status;
    };
    expect(await ask(cookie)).toBe(200);
    expect(await ask({ ...cookie, Origin: server.url })).toBe(200);
    expect(await ask(of(APP, cookie))).toBe(401);
    expect(await ask(of(APP, { ...cookie, Authorization: "Bearer of-somebody" }))).toBe(401);
    expect(await ask(of(APP, { ...cookie, ...BEARER }))).toBe(200);
    const socket = { headers: { ...CROSS, ...cookie } };
    await expect(server.openTab({ origin: APP, ...socket })).rejects.toThrow("401");
    await server.openTab({ origin: server.url, headers: cookie });
  });

  liveTest(
    "a page of the server's own is no foreign one where its origin was named, too",
    async ({ serve }) => {
      const authorize = ({ headers }: { headers: { cookie?: string | undefined } }): Who | null =>
        headers.cookie === "session=ann" ? { user: "ann", can: "watch" } : null;
      const origin = "https://runs.example";
      const server = await serve({
        ...{ allowedOrigins: [origin], allowedHosts: ["runs.example"], authorize },
        trustProxy: ["loopback"],
      });
      const told = { "X-Forwarded-Host": "runs.example", "X-Forwarded-Proto": "https" };
      const headers = { ...told, Cookie: "session=ann", Origin: origin };
      expect((await server.get("/workflow/state", headers)).status).toBe(200);
    },
  );
});

describe("a page of another origin, inside a program", () => {
  const hosts: readonly (readonly [string, (instep: Instep) => RequestListener])[] = [
    ["router()", (instep) => express().use("/x", instep.router())],
    ["handler", (instep) => express().use("/x", instep.handler)],
  ];

  for (const [name, open] of hosts)
    liveTest(
      `it calls and follows through ${name}, and the host's own pages stay closed`,
      async ({ folder, onTestFinished }) => {
        const instep = await createInstep({ dataDir: folder, ...ALLOWED });
        const app = open(instep);
        const server = createServer((request, response) => {
          if (request.url === "/own") return response.end("the host's own page");
          return app(request, response);
        });
        instep.attach(server);
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        onTestFinished(async () => {
          await instep.close();
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        });
        const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        for (const path of ["/workflow/state", "/workflows", "/healthz"]) {
          const url = `${origin}/x${path}`;
          const answer = await call(url, "GET", { headers: of(APP) });
          expect([path, answer.status, allowed(answer.headers)]).toEqual([path, 200, APP]);
          const asked = await call(url, "OPTIONS", { headers: of(APP, QUESTION) });
          expect([path, asked.status, allowed(asked.headers)]).toEqual([path, 204, APP]);
          expect((await call(url, "GET", { headers: of(OTHER) })).headers.get("vary")).toMatch(
            /Origin/,
          );
        }
        for (const path of ["/own", "/x/own", "/x/", "/x/w/a"])
          expect(allowed((await call(origin + path, "GET", { headers: of(APP) })).headers)).toBe(
            null,
          );
        const live = `${origin.replace("http", "ws")}/x/workflow/live`;
        const { tab } = await RawTab.open(live, { origin: APP, headers: CROSS });
        tab.drop();
        await expect(RawTab.open(live, { origin: OTHER, headers: CROSS })).rejects.toThrow("403");

        await instep.close();
        for (const path of ["/workflow/state", "/workflows"]) {
          const over = await call(`${origin}/x${path}`, "GET", { headers: of(APP) });
          expect([path, over.status, allowed(over.headers)]).toEqual([path, 503, APP]);
        }
      },
    );

  liveTest("an entry that is no origin is refused at the start, by its name", async ({ serve }) => {
    for (const entry of ["*", "null", `${APP}/`])
      await expect(serve({ allowedOrigins: [entry] }) as Promise<LiveServer>).rejects.toThrow(
        /^allowedOrigins: must be an origin/,
      );
  });
});
