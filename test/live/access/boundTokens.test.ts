/** A token that is bound to some workflows: of the others it sees nothing and changes nothing, at no door. */
import { describe, expect } from "vitest";
import { defineWorkflow } from "../../../server/server.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const CANARY = "canary-in-another-mine";
const tokens = [
  { token: "all-token", can: "drive" },
  { token: "bound-token", can: "drive", workflows: ["mine-*"] },
] as const;
const ALL = { Authorization: "Bearer all-token" };
const BOUND = { Authorization: "Bearer bound-token" };

const steps = [{ action: "build", message: CANARY }];

async function world(serve: (options: object) => Promise<LiveServer>): Promise<LiveServer> {
  const server = await serve({ tokens });
  await server.saved({ workflow_id: "mine-1", title: "ours", steps: [{ action: "build" }] }, ALL);
  await server.saved({ workflow_id: "theirs", title: CANARY, steps }, ALL);
  return server;
}

describe("a bound token", () => {
  liveTest("a bound token is refused every call that means another workflow", async ({ serve }) => {
    const server = await world(serve);
    const step = "/workflow/state/steps/0";
    for (const [method, path, body] of [
      ["GET", "/workflow/state?workflow_id=theirs", undefined],
      ["GET", "/workflow/state?workflow_id=not-there", undefined],
      ["GET", "/workflow/state/summary?workflow_id=theirs", undefined],
      ["GET", `${step}/log?workflow_id=theirs`, undefined],
      ["GET", `${step}/log?workflow_id=theirs&follow=1`, undefined],
      ["POST", "/workflow/state", { workflow_id: "theirs", title: "x" }],
      ["POST", "/workflow/state?workflow_id=theirs", { title: "x" }],
      ["POST", "/workflow/state", { title: "without an id" }],
      ["PATCH", "/workflow/state", { title: "the current one" }],
      ["PATCH", "/workflow/state?workflow_id=theirs", { title: "x" }],
      ["PATCH", `${step}?workflow_id=theirs`, { status: "failed" }],
      ["PATCH", step, { status: "failed" }],
      ["DELETE", "/workflow/state?workflow_id=theirs", undefined],
      ["DELETE", "/workflow/state", undefined],
      ["POST", "/workflow/clear", { workflow_id: "theirs" }],
      ["POST", "/workflow/start", { name: "any", workflow_id: "theirs-2" }],
      ["POST", "/workflow/start", { name: "any" }],
      ["POST", "/workflow/stop", { workflow_id: "theirs" }],
      ["POST", "/workflow/stop", {}],
      ["POST", "/workflow/answer", { workflow_id: "theirs", answer: { a: 1 } }],
      ["POST", "/workflow/answer", { answer: { a: 1 } }],
      ["POST", "/workflow/resume", { workflow_id: "theirs", answer: { a: 1 } }],
      ["POST", "/workflow/retry", { workflow_id: "theirs" }],
      ["POST", "/workflow/retry", { workflow_id: "mine-1" }],
    ] as const) {
      const answer = await server.call(method, path, {
        headers: BOUND,
        ...(body === undefined ? {} : { body }),
      });
      expect([method, path, answer.status, answer.body.code]).toEqual([
        method,
        path,
        403,
        "forbidden",
      ]);
      expect(answer.text).not.toContain(CANARY);
    }
    const append = await server.call("POST", `${step}/log?workflow_id=theirs`, {
      body: "x",
      headers: { ...BOUND, "Content-Type": "text/plain" },
    });
    expect(append.status).toBe(403);
    const { revision, state } = (await server.get("/workflow/state?workflow_id=theirs", ALL)).body;
    expect([revision, state.title]).toEqual([1, CANARY]);
  });

  liveTest(
    "a bound token reads and drives its own, and the newest of them is current",
    async ({ serve }) => {
      const server = await world(serve);
      expect((await server.get("/workflow/state", BOUND)).body.state.workflow_id).toBe("mine-1");
      expect((await server.get("/workflow/state/summary", BOUND)).body.summary.workflow_id).toBe(
        "mine-1",
      );
      await server.saved({ workflow_id: "mine-2" }, BOUND);
      expect((await server.get("/workflow/state", BOUND)).body.state.workflow_id).toBe("mine-2");
      const listed = await server.get("/workflows", BOUND);
      expect(listed.body.workflows.map(({ workflow_id }) => workflow_id)).toEqual([
        "mine-2",
        "mine-1",
      ]);
      const path = "/workflow/state/steps/0/log?workflow_id=mine-1";
      const headers = { ...BOUND, "Content-Type": "text/plain" };
      expect((await server.call("POST", path, { body: "line\n", headers })).status).toBe(200);
      expect((await server.get(path, BOUND)).text).toBe("line\n");
    },
  );

  liveTest("a bound token is refused on a socket what it is refused by REST", async ({ serve }) => {
    const server = await world(serve);
    const tab = await server.openTab({ headers: BOUND });
    for (const command of [
      { kind: "save", state: { workflow_id: "theirs" } },
      { kind: "save", workflow_id: "theirs", merge: true, state: { title: "x" } },
      { kind: "save", state: { title: "without an id" } },
      { kind: "step", index: 0, update: { status: "failed" } },
      { kind: "clear", workflow_id: "theirs" },
      { kind: "clear" },
      { kind: "claim", workflow_id: "theirs", driver: "me" },
      { kind: "release", workflow_id: "theirs" },
      { kind: "start", name: "any", workflow_id: "theirs-2" },
      { kind: "stop", workflow_id: "current" },
      { kind: "answer", workflow_id: "theirs", answer: {} },
      { kind: "answer", answer: {} },
      { kind: "resume", workflow_id: "theirs", answer: {} },
      { kind: "retry", workflow_id: "mine-1" },
    ]) {
      expect(await tab.ask(command)).toMatchObject({ type: "refused", code: "forbidden" });
    }
    tab.subscribe("theirs");
    expect(await tab.take("refused")).toMatchObject({ workflow_id: "theirs", code: "forbidden" });
    tab.send({ type: "follow_log", workflow_id: "theirs", step: 0 });
    expect(await tab.take("refused")).toMatchObject({ code: "forbidden" });
    await tab.accepted({ kind: "save", state: { workflow_id: "mine-3" } });
  });

  liveTest("a bound token watches a list and a current of its own", async ({ serve }) => {
    const server = await world(serve);
    const [bound, all] = [
      await server.openTab({ headers: BOUND }),
      await server.openTab({ headers: ALL }),
    ];
    for (const tab of [bound, all]) for (const subject of ["*", "current"]) tab.subscribe(subject);
    const heard = await bound.rest();
    expect(heard).toContainEqual({ type: "current", workflow_id: "mine-1" });
    expect(heard.filter(({ type }) => type === "snapshot")).toHaveLength(2);
    await all.rest();

    await server.saved({ workflow_id: "theirs-2", title: CANARY, steps }, ALL);
    await server.call("PATCH", "/workflow/state?workflow_id=theirs", {
      body: { title: "y" },
      headers: ALL,
    });
    server.clock.advance(1_000);
    expect(await bound.rest()).toEqual([]);
    expect((await all.rest()).length).toBeGreaterThan(1);

    await server.saved({ workflow_id: "mine-2" }, ALL);
    server.clock.advance(1_000);
    heard.push(...(await bound.rest()));
    expect(heard).toContainEqual({ type: "current", workflow_id: "mine-2" });
    expect(heard.at(-1)).toMatchObject({ type: "changed", workflow_id: "*", base: 1, revision: 2 });
    await server.call("DELETE", "/workflow/state?workflow_id=mine-2", { headers: ALL });
    heard.push(...(await bound.rest()));
    expect(heard).toContainEqual({ type: "current", workflow_id: "mine-1" });
    expect(JSON.stringify(heard)).not.toContain(CANARY);
    expect(JSON.stringify(heard)).not.toContain("theirs");
  });

  liveTest(
    "a bound token, or a link, is not told which other workflow its own waits for",
    async ({ serve }) => {
      let end = () => {};
      const ended = new Promise<void>((done) => {
        end = done;
      });
      const grouped = (name: string, whenBusy: "wait" | "refuse") =>
        defineWorkflow({
          name,
          concurrency: { group: "one", whenBusy },
          steps: [{ action: "a", run: () => ended }],
        });
      const definitions = [grouped("waits", "wait"), grouped("refuses", "refuse")];
      const server = await serve({ tokens, definitions });
      const start = (name: string, workflow_id: string, headers: typeof ALL) =>
        server.call("POST", "/workflow/start", { body: { name, workflow_id }, headers });
      expect((await start("waits", "theirs", ALL)).status).toBe(201);
      const tabs = [
        await server.openTab({ headers: BOUND }),
        await server.openTab({ headers: ALL }),
      ] as const;
      for (const tab of tabs) tab.subscribe("current");
      expect((await start("waits", "mine-2", BOUND)).status).toBe(201);

      const path = "/workflow/state?workflow_id=mine-2";
      const behindFor = async (headers: typeof ALL) =>
        (await server.get(path, headers)).body.state.queued;
      expect(await behindFor(ALL)).toMatchObject({ group: "one", behind: "theirs" });
      expect(await behindFor(BOUND)).toEqual({ group: "one", since: expect.any(String) });
      const { path: link } = await server.instep.share("mine-2");
      const bearer = { Authorization: `Bearer ${link.split("#t=")[1]}` };
      expect(await behindFor(bearer)).toEqual({ group: "one", since: expect.any(String) });
      const [heard, all] = [await tabs[0].rest(), await tabs[1].rest()].map((frames) =>
        JSON.stringify(frames),
      );
      expect(all).toContain('"behind":"theirs"');
      expect(heard).toContain("mine-2");
      expect(heard).not.toContain("theirs");

      const tab = await server.openTab({ headers: BOUND });
      for (const refused of [
        (await start("refuses", "mine-3", BOUND)).body,
        await tab.ask({ kind: "start", name: "refuses", workflow_id: "mine-3" }),
      ])
        expect(refused).toMatchObject({
          code: "group_busy",
          message: "another workflow of its group is not over yet",
        });
      end();
    },
  );

  liveTest(
    "a bound token finds the same list when it leaves it and comes back",
    async ({ serve }) => {
      const server = await world(serve);
      const tab = await server.openTab({ headers: BOUND });
      tab.subscribe("*");
      const { epoch, revision } = await tab.take("snapshot");
      tab.send({ type: "unsubscribe", workflow_id: "*" });
      await tab.rest();
      await server.saved({ workflow_id: "mine-2" }, ALL);
      server.clock.advance(1_000);
      tab.subscribe("*", { epoch: epoch!, revision: revision! });
      expect(await tab.take("changed")).toMatchObject({ epoch, base: 1, revision: 2 });
      expect(await tab.take("resumed")).toMatchObject({ epoch, revision: 2 });
    },
  );

  liveTest("a bound token that is bound to something else now is cut off", async ({ serve }) => {
    const server = await world(serve);
    const tab = await server.openTab({ headers: BOUND });
    server.instep.setTokens([tokens[0], { ...tokens[1], workflows: ["other-*"] }]);
    expect((await tab.closed).code).toBe(4401);
    expect((await server.get("/workflow/state", BOUND)).body.state).toBeNull();
  });
});
