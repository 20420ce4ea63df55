/** The seed's five calls over real HTTP, word for word. */
import { describe, expect } from "vitest";
import { tagOf } from "../../support/links/rest.js";
import { liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const NOTHING = '{"success":true,"active":false,"state":null}';
const CLEARED = '{"success":true,"message":"Workflow state cleared"}';
const deploy = { workflow_id: "deploy", name: "Deploy", steps: [{ action: "build" }] };

describe("GET /workflow/state", () => {
  liveTest("GET /workflow/state says so where there is nothing", async ({ serve }) => {
    const server = await serve();
    const answer = await server.get();
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(NOTHING);
    expect(answer.headers.get("etag")).toBe('"none"');
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect((await server.get(`${STATE}?workflow_id=deploy`)).text).toBe(NOTHING);
  });

  liveTest("GET /workflow/state gives the current state with its position", async ({ serve }) => {
    const server = await serve();
    const saved = await server.saved({ ...deploy, anything: { of: ["the", "driver's"] } });
    const now = new Date(server.clock.now()).toISOString();
    const answer = await server.get();
    expect(answer.body).toEqual({
      success: true,
      active: true,
      state: {
        workflow_id: "deploy",
        name: "Deploy",
        status: "running",
        current_step: 0,
        steps: [{ action: "build", status: "pending", index: 0 }],
        start_time: now,
        last_update: now,
        anything: { of: ["the", "driver's"] },
      },
      epoch: saved.epoch,
      revision: 1,
    });
    expect(answer.headers.get("etag")).toBe(tagOf(saved));
    expect(answer.text.startsWith('{"success":true,"active":true,"state":{')).toBe(true);
  });

  liveTest.for([
    ["running", true],
    ["blocked", false],
    ["interrupted", false],
    ["completed", false],
    ["failed", false],
    ["cancelled", false],
  ] as const)(
    "GET /workflow/state calls a %s workflow active: %s",
    async ([status, active], { serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, status });
      expect((await server.get()).body).toMatchObject({ active, state: { status } });
      expect((await server.get("/workflow/state/summary")).body.summary.active).toBe(active);
    },
  );

  liveTest("GET /workflow/state answers HEAD like GET, without the body", async ({ serve }) => {
    const server = await serve();
    const saved = await server.saved(deploy);
    const answer = await server.call("HEAD", STATE);
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(answer.headers.get("etag")).toBe(tagOf(saved));
  });
});

describe("POST /workflow/state", () => {
  liveTest(
    "POST /workflow/state saves a whole state and says where it is now",
    async ({ serve }) => {
      const server = await serve();
      const first = await server.call("POST", STATE, { body: deploy });
      expect(first.status).toBe(200);
      expect(first.body).toEqual({
        success: true,
        message: "Workflow state saved",
        workflow_id: "deploy",
        epoch: expect.stringMatching(/^[\w-]+$/),
        revision: 1,
      });
      const second = await server.call("POST", STATE, { body: { ...deploy, current_step: 0 } });
      expect(second.body).toEqual({ ...first.body, revision: 2 });
    },
  );

  liveTest("POST /workflow/state names a workflow that came without an id", async ({ serve }) => {
    const server = await serve();
    const { workflow_id } = await server.saved({ name: "nameless" });
    expect(workflow_id).toMatch(new RegExp(`^workflow_${server.clock.now()}_[\\w-]{6}$`));
    expect((await server.get()).body.state.workflow_id).toBe(workflow_id);
  });

  liveTest.for([
    ["no body", undefined],
    ["an empty object", {}],
  ] as const)(
    "POST /workflow/state refuses %s: a state is required",
    async ([, body], { serve }) => {
      const server = await serve();
      const answer = await server.call("POST", STATE, body ? { body } : {});
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        success: false,
        message: expect.stringContaining("required"),
      });
      expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
      expect((await server.get()).text).toBe(NOTHING);
    },
  );

  liveTest.for(["completed", "failed", "cancelled"])(
    "POST /workflow/state never opens a %s workflow again",
    async (status, { serve }) => {
      const server = await serve();
      await server.saved({ ...deploy, status });
      for (const again of ["running", undefined, status === "failed" ? "completed" : "failed"]) {
        const answer = await server.call("POST", STATE, { body: { ...deploy, status: again } });
        expect([answer.status, answer.body.code]).toEqual([409, "already_ended"]);
      }
      // The same end told again is only a late report of it.
      expect(await server.saved({ ...deploy, status, note: "late" })).toMatchObject({
        revision: 2,
      });
    },
  );

  liveTest(
    "POST /workflow/state starts a new workflow under an unknown id, which is then current",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(deploy);
      await server.saved({ workflow_id: "backup" });
      expect((await server.get()).body.state.workflow_id).toBe("backup");
      await server.saved(deploy);
      expect((await server.get()).body.state.workflow_id).toBe("backup");
      expect((await server.get(`${STATE}?workflow_id=deploy`)).body.revision).toBe(2);
    },
  );

  liveTest(
    "POST /workflow/state wants the id in the body and the one beside it to agree",
    async ({ serve }) => {
      const server = await serve();
      const path = `${STATE}?workflow_id=backup`;
      const answer = await server.call("POST", path, { body: deploy });
      expect([answer.status, answer.body.code]).toEqual([400, "bad_message"]);
      expect(answer.body.errors).toMatchObject([{ path: "workflow_id" }]);
      expect((await server.call("POST", path, { body: { name: "x" } })).body.workflow_id).toBe(
        "backup",
      );
    },
  );
});

describe("DELETE /workflow/state", () => {
  liveTest(
    "DELETE /workflow/state clears the only workflow, or the one it names",
    async ({ serve }) => {
      const server = await serve();
      for (const workflow_id of ["one", "two", "three"]) await server.saved({ workflow_id });
      for (const id of ["three", "one"]) {
        const answer = await server.call("DELETE", `${STATE}?workflow_id=${id}`);
        expect([answer.status, answer.text]).toEqual([200, CLEARED]);
        expect((await server.get(`${STATE}?workflow_id=${id}`)).text).toBe(NOTHING);
        expect((await server.get()).body.state.workflow_id).toBe("two");
      }
      expect((await server.call("DELETE", STATE)).text).toBe(CLEARED);
      expect((await server.get()).text).toBe(NOTHING);
    },
  );

  liveTest("DELETE /workflow/state says the same where there was nothing", async ({ serve }) => {
    const server = await serve();
    expect((await server.call("DELETE", STATE)).text).toBe(CLEARED);
    expect((await server.call("DELETE", `${STATE}?workflow_id=none`)).text).toBe(CLEARED);
  });

  liveTest(
    "DELETE /workflow/state has a twin for clients that can only POST",
    async ({ serve }) => {
      const server = await serve();
      for (const workflow_id of ["one", "two"]) await server.saved({ workflow_id });
      const body = { workflow_id: "one" };
      expect((await server.call("POST", "/workflow/clear", { body })).text).toBe(CLEARED);
      expect((await server.get(`${STATE}?workflow_id=one`)).text).toBe(NOTHING);
      expect((await server.call("POST", "/workflow/clear", { body: {} })).text).toBe(CLEARED);
      expect((await server.get()).text).toBe(NOTHING);
    },
  );
});

describe("GET /workflow/state/summary", () => {
  liveTest("GET /workflow/state/summary says so where there is nothing", async ({ serve }) => {
    const answer = await (await serve()).get("/workflow/state/summary");
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(
      '{"success":true,"summary":{"active":false,"workflow_id":null,"status":null,"current_step":0,"total_steps":0,"progress_percent":0,"start_time":null,"last_update":null}}',
    );
  });

  liveTest("GET /workflow/state/summary gives the eight fields", async ({ serve }) => {
    const server = await serve();
    const steps = [{ action: "build" }, { action: "test" }, { action: "ship" }];
    await server.saved({ ...deploy, steps, current_step: 1 });
    const now = new Date(server.clock.now()).toISOString();
    expect((await server.get("/workflow/state/summary")).body).toEqual({
      success: true,
      summary: {
        active: true,
        workflow_id: "deploy",
        status: "running",
        current_step: 1,
        total_steps: 3,
        progress_percent: 66.67,
        start_time: now,
        last_update: now,
      },
    });
  });

  liveTest.for([
    [0, 0, "running", 0],
    [0, 1, "running", 100],
    [0, 3, "running", 33.33],
    [1, 3, "running", 66.67],
    [2, 3, "running", 100],
    [6, 7, "failed", 100],
    [0, 7, "failed", 14.29],
    [9, 3, "running", 100],
    [0, 3, "completed", 100],
    [0, 0, "completed", 100],
  ] as const)(
    "the summary says that step %i of %i, %s, is %d percent",
    async ([at, of, status, percent], { serve }) => {
      const server = await serve();
      const steps = Array.from({ length: of }, (_, i) => ({ action: `step ${i}` }));
      await server.saved({ ...deploy, status, current_step: at, steps });
      const { summary } = (await server.get("/workflow/state/summary")).body;
      expect(summary.progress_percent).toBe(percent);
    },
  );
});
