/** A clear takes nothing that was not meant: not by guessing, not by a slip of the pen, not from under a command at work. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest, type ServeOptions } from "../../support/servers/liveServer.js";
import { runnerTest } from "../../support/servers/runnerWorld.js";

const STATE = "/workflow/state";
const CLEAR_AFTER = { clearAfterMs: 30_000 };

/** The three ways to clear without an id. */
const WAYS: readonly (readonly [string, (server: LiveServer) => Promise<[number, string]>])[] = [
  ["DELETE", async (server) => asked(await server.call("DELETE", STATE))],
  [
    "DELETE of what is called current",
    async (server) => asked(await server.call("DELETE", `${STATE}?workflow_id=current`)),
  ],
  ["POST", async (server) => asked(await server.call("POST", "/workflow/clear", { body: {} }))],
  [
    "a frame",
    async (server) => {
      const tab = await server.openTab();
      const answer = await tab.ask({ kind: "clear" });
      if (answer.type === "accepted") return [200, ""];
      return [answer.code === "ambiguous" ? 409 : 0, answer.message];
    },
  ],
];
const asked = ({
  status,
  body,
}: {
  status: number;
  body: { message: string };
}): [number, string] => [status, body.message];

const isThere = async (server: LiveServer, id: string): Promise<boolean> =>
  (await server.get(`${STATE}?workflow_id=${id}`)).body.state !== null;

async function expire(server: LiveServer, id: string): Promise<void> {
  server.clock.advance(30_000);
  await until(async () => {
    const { workflows } = (await server.get("/workflows")).body;
    return workflows.some(({ workflow_id, in_history }) => workflow_id === id && in_history);
  }, "it is in the history");
}

describe("a clear without an id", () => {
  liveTest.for(WAYS)(
    "a clear without an id as %s takes the only workflow there is, and names the others where there are some",
    async ([, clear], { serve }) => {
      const server = await serve();
      for (const workflow_id of ["one", "two", "three"]) await server.saved({ workflow_id });
      const [status, message] = await clear(server);
      expect(status).toBe(409);
      for (const id of ["one", "two", "three"]) {
        expect(message).toContain(`"${id}"`);
        expect(await isThere(server, id)).toBe(true);
      }
      for (const id of ["three", "one"]) await server.call("DELETE", `${STATE}?workflow_id=${id}`);
      expect((await clear(server))[0]).toBe(200);
      expect(await isThere(server, "two")).toBe(false);
      expect((await clear(server))[0]).toBe(200);
    },
  );

  liveTest(
    "a clear without an id is a problem that names the field, and few of many ids",
    async ({ serve }) => {
      const server = await serve();
      for (let n = 0; n < 50; n++) await server.saved({ workflow_id: `${n}${"x".repeat(120)}` });
      const { body, text } = await server.call("DELETE", STATE);
      expect(body).toMatchObject({ code: "ambiguous", retry: false });
      expect(body.errors).toMatchObject([{ path: "workflow_id" }]);
      expect(body.message).toContain("and 40 more");
      expect(text.length).toBeLessThan(6_000);
    },
  );

  liveTest(
    "a clear without an id does not get braver by a condition or by asking again",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "old" });
      const { epoch, revision } = await server.saved({ workflow_id: "new" });
      const headers = { "If-Match": `"${epoch}.${revision}"`, "Idempotency-Key": "again" };
      for (let n = 0; n < 3; n++) {
        const answer = await server.call("DELETE", STATE, { headers });
        expect([answer.status, answer.body.code]).toEqual([409, "ambiguous"]);
      }
      const moved = { "If-Match": `"${epoch}.7"` };
      expect((await server.call("DELETE", STATE, { headers: moved })).status).toBe(412);
      expect([await isThere(server, "old"), await isThere(server, "new")]).toEqual([true, true]);
    },
  );

  liveTest(
    "a clear without an id that was done is still that when it comes again beside others",
    async ({ serve }) => {
      const server = await serve();
      const headers = { "Idempotency-Key": "mine" };
      await server.saved({ workflow_id: "mine" });
      expect((await server.call("DELETE", STATE, { headers })).status).toBe(200);
      for (const workflow_id of ["theirs", "others"]) await server.saved({ workflow_id });
      for (const restart of [false, true]) {
        if (restart) await server.restart();
        expect((await server.call("DELETE", STATE, { headers })).status).toBe(200);
        expect(await isThere(server, "theirs")).toBe(true);
        expect(await isThere(server, "others")).toBe(true);
      }
    },
  );

  liveTest(
    "a clear without an id of a workflow that is alone again after a long time is done",
    async ({ serve }) => {
      const server = await serve(CLEAR_AFTER);
      await server.saved({ workflow_id: "before", status: "completed" });
      await expire(server, "before");
      await server.saved({ workflow_id: "now" });
      expect((await server.call("DELETE", STATE)).status).toBe(409);
      server.clock.advance(10 * 60_000);
      await server.call("PATCH", STATE, { body: { note: "still at work" } });
      expect((await server.call("DELETE", STATE)).status).toBe(200);
    },
  );
});

describe("the seed's page", () => {
  /** Its calls in their order, until its workflow has ended; its clean-up is to follow 30 seconds later. */
  async function run(server: LiveServer, id: string): Promise<void> {
    const steps = [
      { action: "test_ssh", status: "pending", index: 0, label: "Test" },
      { action: "sync_instance", status: "pending", index: 1, label: "Sync" },
    ];
    const state = { workflow_id: id, status: "running", current_step: 0, steps };
    const save = () => server.saved({ ...state, steps: structuredClone(steps) });
    await save();
    for (const [index, step] of steps.entries()) {
      state.current_step = index;
      step.status = "in_progress";
      await save();
      const found = await server.get();
      expect(found.body.state).toMatchObject({ workflow_id: id, steps: [{ label: "Test" }, {}] });
      step.status = "completed";
      await save();
    }
    state.status = "completed";
    await save();
  }
  const cleanUp = (server: LiveServer) => server.call("DELETE", STATE);

  const MOMENTS: readonly (readonly [string, (server: LiveServer) => Promise<void>])[] = [
    ["just before its end is out of view", async (server) => server.clock.advance(29_999)],
    ["just after", (server) => expire(server, "seed")],
    [
      "after a restart",
      async (server) => {
        await expire(server, "seed");
        await server.restart();
      },
    ],
    [
      "minutes late",
      async (server) => {
        await expire(server, "seed");
        server.clock.advance(5 * 60_000);
      },
    ],
    [
      "after somebody cleared its end by hand",
      async (server) => {
        server.clock.advance(20_000);
        await server.call("DELETE", `${STATE}?workflow_id=seed`);
      },
    ],
  ];

  liveTest.for(MOMENTS)("the seed's page alone is cleaned up, %s", async ([, wait], { serve }) => {
    const server = await serve(CLEAR_AFTER);
    await run(server, "seed");
    await wait(server);
    const answer = await cleanUp(server);
    expect([answer.status, answer.body.message]).toEqual([200, "Workflow state cleared"]);
    expect((await server.get()).body.state).toBeNull();
  });

  liveTest.for(MOMENTS)(
    "the seed's page harms no workflow of somebody else when it cleans up, %s",
    async ([, wait], { serve }) => {
      for (const order of ["older", "newer", "newer and ended"]) {
        const server = await serve({ ...CLEAR_AFTER, silentAfterMs: 3_600_000 });
        if (order === "older") await server.saved({ workflow_id: "theirs" });
        await run(server, "seed");
        if (order !== "older") await server.saved({ workflow_id: "theirs" });
        await wait(server);
        if (order === "newer and ended")
          await server.saved({ workflow_id: "theirs", status: "failed" });
        const answer = await cleanUp(server);
        expect([order, answer.status]).toEqual([order, 409]);
        expect(await isThere(server, "theirs")).toBe(true);
        // The next run of the same page is not in its way.
        await run(server, "seed-2");
        await cleanUp(server);
        expect(await isThere(server, "theirs")).toBe(true);
      }
    },
  );

  liveTest(
    "the seed's page that starts again before its clean-up comes keeps its new run",
    async ({ serve }) => {
      const server = await serve(CLEAR_AFTER);
      await run(server, "first");
      server.clock.advance(10_000);
      await server.saved({ workflow_id: "second" });
      server.clock.advance(20_000);
      await cleanUp(server);
      expect(await isThere(server, "second")).toBe(true);
    },
  );

  liveTest(
    "the seed's page harms no older workflow, however late its clean-up is",
    async ({ serve }) => {
      const server = await serve({ ...CLEAR_AFTER, silentAfterMs: 1e9 });
      await server.saved({ workflow_id: "theirs" });
      await run(server, "seed");
      await expire(server, "seed");
      server.clock.advance(8 * 3_600_000);
      await server.restart();
      expect((await cleanUp(server)).status).toBe(409);
      expect(await isThere(server, "theirs")).toBe(true);
    },
  );

  liveTest("the seed's page harms nobody where there is no history", async ({ serve }) => {
    const server = await serve({ ...CLEAR_AFTER, history: 0 } satisfies ServeOptions);
    await run(server, "seed");
    server.clock.advance(30_000);
    await until(async () => !(await isThere(server, "seed")), "it is gone");
    await server.saved({ workflow_id: "theirs" });
    expect((await cleanUp(server)).status).toBe(409);
    expect(await isThere(server, "theirs")).toBe(true);
  });
});

describe("a slip of the pen", () => {
  const SLIPS = [
    "id=x",
    "workflowid=x",
    "workflowId=x",
    "Workflow_Id=x",
    "workflow_id[]=x",
    "workflow_id%5B%5D=x",
    "workflow_id[a]=x",
    "workflow_id=x&workflow_id=x",
    "workflow_id=x&id=x",
    "workflow_id=",
    "wokflow_id=x",
    "__proto__=x",
    "%77orkflow_id=../x",
    "=x",
  ];
  const WRITES: readonly (readonly [string, string, object | undefined])[] = [
    ["POST", STATE, { name: "x" }],
    ["PATCH", STATE, { name: "x" }],
    ["PATCH", `${STATE}/steps/0`, { message: "x" }],
    ["DELETE", STATE, undefined],
    ["POST", "/workflow/clear", {}],
    ["POST", "/workflow/stop", {}],
    ["POST", "/workflow/answer", { answer: {} }],
    ["POST", "/workflow/resume", {}],
    ["POST", "/workflow/retry", {}],
    ["POST", "/workflow/start", { name: "x" }],
  ];

  liveTest.for(WRITES)(
    "a slip of the pen in the query of %s %s is refused by name",
    async (write, { serve }) => {
      const [method, path, body] = write;
      const server = await serve();
      const saved = await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
      for (const slip of SLIPS) {
        const answer = await server.call(method, `${path}?${slip}`, body ? { body } : {});
        expect([slip, answer.status, answer.body.code]).toEqual([slip, 400, "bad_message"]);
        expect(answer.body.errors).not.toEqual([]);
      }
      const named = await server.call(method, `${path}?id=x`, body ? { body } : {});
      expect(named.body.errors).toEqual([{ path: "query.id", message: "no such parameter" }]);
      expect((await server.get("/workflows")).body.workflows).toHaveLength(1);
      expect((await server.get()).body).toMatchObject({ epoch: saved.epoch, revision: 1 });
    },
  );

  liveTest(
    "a slip of the pen in an id itself is told by the parameter's name",
    async ({ serve }) => {
      const server = await serve();
      for (const id of ["", "a%20b", "a%00", "%FF", "a;x=1"]) {
        const { status, body } = await server.call("DELETE", `${STATE}?workflow_id=${id}`);
        expect([id, status]).toEqual([id, 400]);
        expect(body.errors).toMatchObject([{ path: "workflow_id" }]);
        expect(body.message).toMatch(/^workflow_id: must be /);
      }
    },
  );

  liveTest(
    "a slip of the pen in the query of an append loses no line and tells",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
      const append = (query: string) =>
        server.call("POST", `${STATE}/steps/0/log?${query}`, {
          body: "a line\n",
          headers: { "Content-Type": "text/plain" },
        });
      for (const slip of [...SLIPS, "from=0", "attempts=2", "at=0&at=0"])
        expect([slip, (await append(slip)).status]).toEqual([slip, 400]);
      expect((await append("workflow_id=w&attempt=1&at=0")).status).toBe(200);
    },
  );

  liveTest("a slip of the pen of a reader shows no other workflow", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "w", steps: [{ action: "a" }] });
    for (const path of [STATE, `${STATE}/summary`, `${STATE}/steps/0/log`]) {
      for (const slip of ["id=x", "workflowId=x", "workflow_id[]=x", "workflow_id=w&workflow_id=x"])
        expect([path, slip, (await server.get(`${path}?${slip}`)).status]).toEqual([
          path,
          slip,
          400,
        ]);
      expect((await server.get(`${path}?_=123`)).status).toBe(200);
    }
  });

  liveTest(
    "a slip of the pen in the body of a clear is refused, whatever the method",
    async ({ serve }) => {
      const server = await serve();
      for (const workflow_id of ["a", "b"]) await server.saved({ workflow_id });
      for (const [method, path] of [
        ["DELETE", STATE],
        ["POST", "/workflow/clear"],
      ] as const) {
        for (const body of [
          { id: "a" },
          { workflow_id: "" },
          [],
          "a",
          { workflow_id: ["a"] },
          null,
        ]) {
          const text = JSON.stringify(body);
          const answer = await server.call(method, `${path}?workflow_id=a`, { body: text });
          expect([method, text, answer.status]).toEqual([method, text, 400]);
        }
        const other = await server.call(method, `${path}?workflow_id=a`, {
          body: { workflow_id: "b" },
        });
        expect(other.body.errors).toMatchObject([{ path: "workflow_id" }]);
      }
      expect([await isThere(server, "a"), await isThere(server, "b")]).toEqual([true, true]);
      expect((await server.call("DELETE", STATE, { body: { workflow_id: "a" } })).status).toBe(200);
      expect([await isThere(server, "a"), await isThere(server, "b")]).toEqual([false, true]);
    },
  );
});

describe("a workflow that runs in the server", () => {
  const LONG = "name: long\nsteps:\n  - action: a\n    run: echo begun; sleep 1000\n";
  const ASKS = 'name: asks\nsteps:\n  - action: a\n    ask: { prompt: "?" }\n';

  runnerTest(
    "a workflow that runs in the server is cleared by nobody before it was cancelled",
    async ({ runnerWorld }) => {
      const world = await runnerWorld({ maxConcurrent: 2 });
      world.define("long.yaml", LONG);
      world.define("asks.yaml", ASKS);
      const running = await world.start("long");
      const asking = await world.start("asks");
      const queued = await world.start("long");
      await world.until(running, ({ steps }) => steps[0]?.message === "begun");
      await world.until(asking, ({ status }) => status === "blocked");
      expect(await world.stateOf(queued)).toHaveProperty("queued");
      for (const id of [running, asking, queued]) {
        const answer = await world.server.call("DELETE", `${STATE}?workflow_id=${id}`);
        expect([answer.status, answer.body.code]).toEqual([409, "running_here"]);
        expect(answer.body.message).toContain(`/workflow/stop?workflow_id=${id}`);
      }
      for (const id of [queued, asking, running]) {
        const path = `/workflow/stop?workflow_id=${id}`;
        expect((await world.server.call("POST", path)).status).toBe(202);
        await world.ended(id);
        const cleared = await world.server.call("DELETE", `${STATE}?workflow_id=${id}`);
        expect(cleared.status).toBe(200);
        expect(await isThere(world.server, id)).toBe(false);
      }
    },
  );

  runnerTest(
    "a workflow that runs in the server and is the only one is not cleared without its id either",
    async ({ runnerWorld }) => {
      const world = await runnerWorld();
      world.define("long.yaml", LONG);
      const id = await world.start("long");
      await world.until(id, ({ steps }) => steps[0]?.message === "begun");
      const tab = await world.server.openTab();
      expect(await tab.ask({ kind: "clear" })).toMatchObject({ code: "running_here" });
      expect((await world.server.call("DELETE", STATE)).body.code).toBe("running_here");
      await world.command("stop", { workflow_id: id });
      await world.ended(id);
      expect((await world.server.call("DELETE", STATE)).status).toBe(200);
    },
  );

  runnerTest(
    "a workflow that runs in the server can be cleared once a restart has interrupted it",
    async ({ runnerWorld }) => {
      const world = await runnerWorld();
      world.define("long.yaml", LONG);
      const id = await world.start("long");
      await world.until(id, ({ steps }) => steps[0]?.message === "begun");
      await world.server.restart();
      expect(await world.stateOf(id)).toMatchObject({ status: "interrupted" });
      const answer = await world.server.call("DELETE", `${STATE}?workflow_id=${id}`);
      expect(answer.status).toBe(200);
    },
  );
});
