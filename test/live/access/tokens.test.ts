/** A token that only watches: it reads everything but the secrets, and changes nothing. */
import { describe, expect } from "vitest";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const CANARY = "canary-in-a-coal-mine";
const tokens = [
  { token: "watch-token", can: "watch" },
  { token: "drive-token", can: "drive" },
] as const;
const WATCH = { Authorization: "Bearer watch-token" };
const DRIVE = { Authorization: "Bearer drive-token" };

const asProtocols = (token: string) => [
  "instep.v1",
  `instep.bearer.${Buffer.from(token).toString("base64url")}`,
];

const deploy = {
  workflow_id: "deploy",
  name: "open",
  ssh_connection: { host: "example.org", user: CANARY },
  secrets: { key: CANARY },
  steps: [{ action: "build" }],
};
const report = (server: LiveServer, body: object) =>
  server.call("PATCH", "/workflow/state", { body, headers: DRIVE });

describe("a watch token", () => {
  liveTest(
    "a watch token comes as a header or as a subprotocol, which is never echoed",
    async ({ serve }) => {
      const server = await serve({ tokens });
      for (const [options, can] of [
        [{ headers: WATCH }, ["watch"]],
        [{ headers: DRIVE }, ["watch", "drive"]],
        [{ protocols: asProtocols("watch-token") }, ["watch"]],
        [{ protocols: asProtocols("drive-token").reverse() }, ["watch", "drive"]],
      ] as const) {
        const { tab, hello } = await server.greet(options);
        expect(hello.can).toEqual(can);
        expect(tab.socket.protocol).toBe("instep.v1");
      }
      const wrong = server.openTab({ protocols: asProtocols("wrong") });
      await expect(wrong).rejects.toThrow("401");
    },
  );

  liveTest("a watch token may not change anything, at either door", async ({ serve }) => {
    const server = await serve({ tokens });
    await server.saved(deploy, DRIVE);
    for (const [method, path, body] of [
      ["POST", "/workflow/state", deploy],
      ["PATCH", "/workflow/state", { name: "x" }],
      ["PATCH", "/workflow/state/steps/0", { status: "failed" }],
      ["DELETE", "/workflow/state", undefined],
      ["POST", "/workflow/clear", {}],
      ["POST", "/workflow/start", { name: "x" }],
      ["POST", "/workflow/stop", {}],
      ["POST", "/workflow/answer", { answer: {} }],
      ["POST", "/workflow/resume", { answer: {} }],
      ["POST", "/workflow/retry", {}],
    ] as const) {
      const options = { headers: WATCH, ...(body ? { body } : {}) };
      const answer = await server.call(method, path, options);
      expect([method, path, answer.status, answer.body.code]).toEqual([
        method,
        path,
        403,
        "forbidden",
      ]);
    }
    const tab = await server.openTab({ headers: WATCH });
    for (const command of [
      { kind: "save", state: { name: "x" } },
      { kind: "save", merge: true, state: { name: "x" } },
      { kind: "step", index: 0, update: { status: "failed" } },
      { kind: "clear" },
      { kind: "claim", workflow_id: "deploy", driver: "me" },
      { kind: "release", workflow_id: "deploy" },
      { kind: "start", name: "x" },
      { kind: "stop" },
      { kind: "answer", answer: {} },
      { kind: "resume", answer: {} },
      { kind: "retry" },
    ]) {
      expect(await tab.ask(command)).toMatchObject({ type: "refused", code: "forbidden" });
    }
    expect((await server.get("/workflow/state", DRIVE)).body).toMatchObject({
      revision: 1,
      state: { name: "open" },
    });
  });

  liveTest(
    "a watch token sees where a command runs, and that its link is lost",
    async ({ serve }) => {
      const server = await serve({ tokens });
      const since = "2026-03-04T09:41:00.000Z";
      const link_lost = { since, why: "Connection refused", next_try_at: null };
      const process = { machine: "box", pid: 4711, since, over: "ssh", link_lost };
      const step = { action: "build", status: "in_progress", data: { process } };
      await server.saved({ ...deploy, steps: [step] }, DRIVE);
      const { body } = await server.get("/workflow/state", WATCH);
      expect(body.state?.steps).toMatchObject([{ data: { process } }]);
      const summaries = await server.get("/workflows", WATCH);
      expect(summaries.body.workflows).toMatchObject([{ link_lost: since }]);
    },
  );

  liveTest("a watch token sees no secret in any answer or frame", async ({ serve }) => {
    const server = await serve({ tokens });
    await server.saved(deploy, DRIVE);
    const tab = await server.openTab({ headers: WATCH });
    for (const subject of ["deploy", "current", "*"]) tab.subscribe(subject);
    const heard = await tab.rest();
    expect(heard.find(({ type }) => type === "snapshot")).toMatchObject({
      state: { name: "open", ssh_connection: "***", secrets: "***" },
    });

    await report(server, { name: "changed" });
    await report(server, { secrets: { other: CANARY } });
    await report(server, { ssh_connection: null });
    await report(server, { ssh_connection: CANARY });
    server.clock.advance(100);
    heard.push(...(await tab.rest()));
    const changes = heard.filter(({ type }) => type === "changed");
    expect(changes.length).toBeGreaterThanOrEqual(4);

    const back = await server.openTab({ headers: WATCH });
    const { epoch } = (await server.get("/workflow/state", WATCH)).body;
    back.subscribe("deploy", { epoch, revision: 2 });
    back.subscribe("deploy");
    heard.push(...(await back.rest()));
    expect(JSON.stringify(heard)).not.toContain(CANARY);

    for (const path of [
      "/workflow/state",
      "/workflow/state?workflow_id=deploy",
      "/workflow/state/summary",
      "/workflows",
    ]) {
      const answer = await server.get(path, WATCH);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.text).not.toContain(CANARY);
    }
    const { state } = (await server.get("/workflow/state", DRIVE)).body;
    expect(state).toMatchObject({ secrets: { other: CANARY }, ssh_connection: CANARY });
  });

  liveTest("a watch token follows the same revisions as everyone else", async ({ serve }) => {
    const server = await serve({ tokens });
    await server.saved(deploy, DRIVE);
    const [watcher, driver] = [
      await server.openTab({ headers: WATCH }),
      await server.openTab({ headers: DRIVE }),
    ];
    for (const tab of [watcher, driver]) tab.subscribe("deploy");
    await report(server, { secrets: { changed: CANARY } });
    await report(server, { name: "changed" });
    const revisions = (frames: object[]) =>
      frames.map((frame) => ("revision" in frame ? frame.revision : null));
    const heard = await watcher.rest();
    expect(revisions(heard)).toEqual([1, 2, 3]);
    expect(revisions(await driver.rest())).toEqual([1, 2, 3]);
    // The second frame has the new time alone: the secret was all that changed beside it.
    expect(JSON.stringify(heard[1])).not.toContain("secrets");
  });

  liveTest("a watch token is not told secrets by the history either", async ({ serve }) => {
    const server = await serve({ tokens, clearAfterMs: 1_000 });
    await server.saved({ ...deploy, status: "completed" }, DRIVE);
    const tab = await server.openTab({ headers: WATCH });
    tab.subscribe("deploy");
    await tab.take("snapshot");
    server.clock.advance(1_000);
    await tab.take("closed");
    tab.subscribe("deploy");
    expect(JSON.stringify(await tab.take("snapshot"))).not.toContain(CANARY);
    const past = await server.get("/workflow/state?workflow_id=deploy", WATCH);
    expect(past.text).not.toContain(CANARY);
  });
});
