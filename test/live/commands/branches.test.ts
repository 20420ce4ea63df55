/** Parallel steps of any driver: saved, reported, printed to and followed by their addresses, over REST and on a socket. */
import { describe, expect } from "vitest";
import { eachStep } from "../../../shared/state/stepPlace.js";
import { append, logPath, printed } from "../../support/links/output.js";
import { liveTest } from "../../support/servers/liveServer.js";

const W = {
  workflow_id: "w",
  current_step: 1,
  steps: [
    { action: "build", status: "completed" },
    {
      action: "copy",
      status: "in_progress",
      steps: [{ action: "web-1", status: "in_progress" }, { action: "web-2" }],
    },
  ],
};
const stepPath = (index: number) => `/workflow/state/steps/${index}?workflow_id=w`;
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ action: `b${index}` }));

describe("a branch", () => {
  liveTest(
    "a branch is reported by its address, and watchers get a patch of it alone",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      tab.send({ type: "subscribe", workflow_id: "w" });
      expect(await tab.next()).toMatchObject({
        type: "snapshot",
        state: { steps: [{ index: 0 }, { index: 1, steps: [{ index: 1001 }, { index: 2001 }] }] },
      });
      const answer = await server.call("PATCH", stepPath(2001), {
        body: { status: "in_progress" },
      });
      expect(answer.status).toBe(200);
      const { patch } = await tab.take("changed");
      const paths = patch.map(({ path }) => path);
      expect(paths).toContain("/steps/1/steps/1/status");
      expect(
        paths.every((path) => path.startsWith("/steps/1/steps/1/") || path === "/last_update"),
      ).toBe(true);
      tab.send({
        type: "propose",
        request_id: "r1",
        command: { kind: "step", workflow_id: "w", index: 1001, update: { status: "completed" } },
      });
      expect(await tab.next()).toMatchObject({ type: "changed" });
      const { body } = await server.get("/workflow/state?workflow_id=w");
      expect(eachStep(body.state).map(([index, { status }]) => [index, status])).toEqual([
        [0, "completed"],
        [1, "in_progress"],
        [1001, "completed"],
        [2001, "in_progress"],
      ]);
      expect(body.state.current_step).toBe(1);
    },
  );

  liveTest(
    "a branch has output of its own, read and followed by its address",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, ["w", 1001], "one\n");
      await printed(server, ["w", 2001], "two\n");
      await printed(server, ["w", 1], "parent\n");
      expect((await server.get(logPath("w", 2001))).text).toBe("two\n");
      const tab = await server.openTab();
      tab.send({ type: "follow_log", workflow_id: "w", step: 1001 });
      expect(await tab.next()).toMatchObject({ type: "log", step: 1001, text: "one\n" });
      await server.call("PATCH", stepPath(1001), { body: { status: "completed" } });
      expect(await tab.next()).toMatchObject({ type: "log_end", step: 1001, reason: "over" });
      const { body } = await server.get("/workflow/state?workflow_id=w");
      expect(body.state.steps[1]).toMatchObject({ steps: [{ log_bytes: 4 }, {}] });
      tab.send({ type: "follow_log", workflow_id: "w", step: 3001 });
      expect(await tab.next()).toMatchObject({ type: "log_end", step: 3001, reason: "unknown" });
    },
  );

  liveTest(
    "a branch that is not there is no step, and the refusal says what there is",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const absent: [number, string][] = [
        [3001, "there is no step 3001; step 1 has no branch 2, counted from 0"],
        [1000, "there is no step 1000; step 0 has no branch 0, counted from 0"],
        [1002, "there is no step 1002; there are 2, counted from 0"],
        [2, "there is no step 2; there are 2, counted from 0"],
      ];
      for (const [index, message] of absent) {
        const report = await server.call("PATCH", stepPath(index), { body: { message: "x" } });
        expect(report.body).toMatchObject({ code: "unknown_step", message });
        expect((await append(server, ["w", index], "x")).body.code).toBe("unknown_step");
        expect((await server.get(logPath("w", index))).body.code).toBe("unknown_step");
      }
    },
  );

  liveTest("a branch has no branches of its own", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    const steps = [{ action: "deep" }];
    const report = await server.call("PATCH", stepPath(1001), { body: { steps } });
    expect(report.body).toMatchObject({ code: "bad_message", errors: [{ path: "steps" }] });
    const saved = await server.call("POST", "/workflow/state", {
      body: { workflow_id: "v", steps: [{ action: "a", steps: [{ action: "b", steps }] }] },
    });
    expect(saved.body).toMatchObject({
      code: "bad_message",
      errors: [{ path: "steps.0.steps.0.steps" }],
    });
  });
});

describe("too many", () => {
  liveTest(
    "too many branches of one step, or steps and branches together, are refused",
    async ({ serve }) => {
      const server = await serve();
      const save = (steps: object[]) =>
        server.call("POST", "/workflow/state", { body: { workflow_id: "w", steps } });
      const wide = await save([{ action: "a", steps: many(101) }]);
      expect(wide.body).toMatchObject({ code: "bad_message", errors: [{ path: "steps.0.steps" }] });
      const ten = many(10).map((step) => ({ ...step, steps: many(99) }));
      expect((await save(ten)).status).toBe(200);
      const over = await save([...ten, { action: "last" }]);
      expect(over.body.message).toBe(
        "steps: must have at most 1000 with their branches, and there are 1001",
      );
      const report = await server.call("PATCH", stepPath(9), { body: { steps: many(100) } });
      expect(report.body).toMatchObject({ code: "bad_message", errors: [{ path: "steps" }] });
      const { body } = await server.get("/workflow/state?workflow_id=w");
      expect(body.state.steps).toHaveLength(10);
    },
  );
});
