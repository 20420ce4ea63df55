/** The end of a server: what was accepted is saved, everyone is told, and nothing stays open. */
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import { describe, expect } from "vitest";
import { createInstep, DataDirLocked } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { heldDisk } from "../../support/disks/heldDisk.js";
import { requestText, sendRaw, upgradeText } from "../../support/links/rawHttp.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

const note = (text: string) => ({ kind: "save", merge: true, state: { note: text } });
const PROTOCOL = "Sec-WebSocket-Protocol: instep.v1";

/** The handles that keep a process alive, counted by kind. */
function openThings(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/^(TCP|Timeout|FS)/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

describe("closing", () => {
  liveTest("closing leaves no timer of its own behind", async ({ serve }) => {
    const server = await serve();
    for (const [i, status] of ["running", "completed", "blocked", "interrupted"].entries()) {
      await server.saved({ workflow_id: `w${i}`, status });
    }
    const driver = await server.openTab();
    await driver.accepted({ kind: "claim", workflow_id: "w0", driver: "me" });
    for (const subject of ["w1", "current", "*"]) driver.subscribe(subject);
    await driver.rest();
    expect(server.clock.waiting).toBeGreaterThan(3);
    await server.instep.close();
    expect(server.clock.waiting).toBe(0);
    expect((await driver.closed).code).toBe(1001);
  });

  liveTest("closing leaves nothing open in the process", async ({ folder }) => {
    const before = openThings();
    const instep = await createInstep({ dataDir: folder });
    const { port } = await instep.listen({ port: 0 });
    const { tab } = await RawTab.open(`ws://127.0.0.1:${port}/workflow/live`);
    await tab.accepted({ kind: "save", state: { workflow_id: "a", status: "completed" } });
    await tab.accepted({ kind: "save", state: { workflow_id: "b" } });
    tab.subscribe("*");
    await tab.take("snapshot");
    // A connection that never asks for anything, as browsers open them ahead of need.
    const spare = connect({ port, host: "127.0.0.1" });
    await new Promise((connected) => spare.once("connect", connected));
    await instep.close();
    await tab.closed;
    await until(
      () => Object.entries(openThings()).every(([kind, count]) => count <= (before[kind] ?? 0)),
      () => `everything is closed: ${JSON.stringify([before, openThings()])}`,
    );
  });

  liveTest("closing gives the folder back, and may be asked for twice", async ({ folder }) => {
    const first = await createInstep({ dataDir: folder });
    await expect(createInstep({ dataDir: folder })).rejects.toBeInstanceOf(DataDirLocked);
    await Promise.all([first.close(), first.close()]);
    await (await createInstep({ dataDir: folder })).close();
  });

  liveTest(
    "closing saves what was accepted, refuses what is new, and says goodbye",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const server = await serve({ store: disk.store });
      await server.saved({ workflow_id: "deploy" });
      const tab = await server.openTab();
      disk.hold();
      const accepted = tab.propose(note("in time"));
      await until(() => disk.waiting === 1, "the write has begun");
      const closed = server.instep.close();
      await tab.rest();
      expect(await tab.ask(note("too late"))).toMatchObject({
        type: "refused",
        code: "shutting_down",
        retry: true,
      });
      disk.release();
      expect(await tab.answerTo(accepted)).toMatchObject({ type: "accepted", revision: 2 });
      expect(await tab.closed).toMatchObject({ code: 1001 });
      await closed;
    },
  );

  liveTest("closing does not wait for ever for one who does not answer", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "deploy" });
    const host = `Host: 127.0.0.1:${server.port}`;
    const deaf = connect({ port: server.port, host: "127.0.0.1" });
    deaf.on("error", () => {});
    deaf.write(upgradeText("/workflow/live", [host, PROTOCOL]));
    await new Promise((greeted) => deaf.once("data", greeted));
    const farewell = new Promise((told) => deaf.once("data", told));
    const gone = new Promise((closed) => deaf.once("close", closed));
    let isClosed = false;
    const closed = server.instep.close({ drainMs: 5_000 }).then(() => {
      isClosed = true;
    });
    await farewell;
    server.clock.advance(4_999);
    await new Promise((turn) => setImmediate(turn));
    expect(isClosed).toBe(false);
    server.clock.advance(1);
    await closed;
    await gone;
    expect(server.clock.waiting).toBe(0);
  });
});

describe("an embedded server that is closing", () => {
  const listening = async (server: Server) => {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };

  liveTest(
    "an embedded server that is closing says so at every door, while its host goes on",
    async ({ serve, folder }) => {
      const disk = await heldDisk(folder);
      const { instep } = await serve({ store: disk.store });
      const app = express();
      app.use("/instep", instep.router());
      app.get("/", (_request, response) => void response.send("theirs"));
      const host = createServer(app);
      instep.attach(host, { mount: "/instep" });
      const port = await listening(host);
      const base = `http://127.0.0.1:${port}`;
      const state = `${base}/instep/workflow/state`;
      expect((await call(state, "POST", { body: { workflow_id: "a" } })).status).toBe(200);
      const { tab } = await RawTab.open(`ws://127.0.0.1:${port}/instep/workflow/live`);
      tab.subscribe("a");
      await tab.take("snapshot");

      disk.hold();
      const inTime = call(state, "PATCH", { body: { note: "in time" } });
      await until(() => disk.waiting === 1, "the write has begun");
      const closed = instep.close();
      const late = await call(state, "PATCH", { body: { note: "too late" } });
      expect([late.status, late.body.code, late.body.retry]).toEqual([503, "shutting_down", true]);
      expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
      const ready = await call(`${base}/instep/readyz`, "GET");
      expect([ready.status, ready.text]).toEqual([503, '{"status":"draining"}']);
      expect((await call(`${base}/instep/healthz`, "GET")).status).toBe(200);
      const names = [`Host: 127.0.0.1:${port}`];
      const upgrade = upgradeText("/instep/workflow/live", [...names, PROTOCOL]);
      expect((await sendRaw(port, upgrade)).status).toBe(503);

      disk.release();
      expect((await inTime).status).toBe(200);
      expect(await tab.take("changed")).toMatchObject({ revision: 2 });
      expect((await tab.closed).code).toBe(1001);
      await closed;
      expect(host.listenerCount("upgrade")).toBe(0);
      expect((await sendRaw(port, requestText("GET", "/", names))).body).toContain("theirs");
      host.closeAllConnections();
      await new Promise((done) => host.close(done));
    },
  );

  liveTest(
    "a host that goes on without it gives out nothing that was known before",
    async ({ serve }) => {
      const { instep } = await serve();
      const app = express();
      app.use("/router", instep.router());
      app.use("/handler", instep.handler);
      const host = createServer(app).listen(0, "127.0.0.1");
      await new Promise((ready) => host.once("listening", ready));
      const base = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
      const paths = ["/workflow/state", "/workflow/state/summary", "/workflows", "/", "/readyz"];
      const all = ["/router", "/handler"].flatMap((mount) => paths.map((at) => base + mount + at));
      const statuses = () =>
        Promise.all(
          all.map(async (url) => (await fetch(url, { headers: { Accept: "*/*" } })).status),
        );
      expect(await statuses()).toEqual(all.map(() => 200));
      await instep.close();
      expect(await statuses()).toEqual(all.map(() => 503));
      expect((await call(all[0]!, "GET")).body.code).toBe("shutting_down");
      host.closeAllConnections();
      await new Promise((done) => host.close(done));
    },
  );
});
