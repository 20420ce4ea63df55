/** `GET /workflows`: everything in one list, newest first, page by page. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const page = async (server: LiveServer, query = "") => {
  const { body } = await server.get(`/workflows${query}`);
  return { ids: body.workflows.map(({ workflow_id }) => workflow_id), next: body.next };
};

describe("the list", () => {
  liveTest("the list is empty where there is nothing", async ({ serve }) => {
    const answer = await (await serve()).get("/workflows");
    expect(answer.text).toBe('{"success":true,"workflows":[],"next":null}');
  });

  liveTest("the list tells each workflow in one line", async ({ serve }) => {
    const server = await serve();
    const { epoch } = await server.saved({
      workflow_id: "deploy",
      name: "deploy",
      title: "Deploy it",
      current_step: 1,
      status: "failed",
      error_message: "red",
      steps: [
        { action: "build", status: "failed", progress: 0.5 },
        { action: "test", title: "Run the tests" },
      ],
      secrets: { canary: "canary" },
    });
    const now = new Date(server.clock.now()).toISOString();
    expect((await server.get("/workflows")).body).toEqual({
      success: true,
      workflows: [
        {
          active: false,
          workflow_id: "deploy",
          status: "failed",
          current_step: 1,
          total_steps: 2,
          progress_percent: 100,
          start_time: now,
          last_update: now,
          epoch,
          name: "deploy",
          title: "Deploy it",
          end_time: now,
          step: "Run the tests",
          error_message: "red",
          driver: null,
          done: 0.25,
          queued: false,
          last_seen: null,
          link_lost: null,
          in_history: false,
          definition: null,
          by: null,
          inputs: {},
          retried_from: null,
          usual_ms: null,
        },
      ],
      next: null,
    });
  });

  liveTest(
    "the list gives pages that fit together, also while something starts",
    async ({ serve }) => {
      const server = await serve();
      for (let i = 0; i < 7; i++) await server.saved({ workflow_id: `w${i}` });
      const first = await page(server, "?limit=3");
      expect(first.ids).toEqual(["w6", "w5", "w4"]);
      await server.saved({ workflow_id: "late" });
      await server.saved({ workflow_id: "w3", note: "a change moves nothing" });
      const second = await page(server, `?limit=3&before=${first.next}`);
      expect(second.ids).toEqual(["w3", "w2", "w1"]);
      const third = await page(server, `?limit=3&before=${second.next}`);
      expect(third).toEqual({ ids: ["w0"], next: null });
      await server.restart();
      expect(await page(server, `?limit=3&before=${first.next}`)).toEqual(second);
    },
  );

  liveTest("the list filters by status, open ones and history alike", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "past", status: "completed" });
    server.clock.advance(30_000);
    await until(async () => (await server.get()).body.state === null, "it is in the history");
    for (const status of ["running", "blocked", "completed", "failed"]) {
      await server.saved({ workflow_id: status, status });
    }
    expect((await page(server, "?status=completed")).ids).toEqual(["completed", "past"]);
    expect((await page(server, "?status=running,failed")).ids).toEqual(["failed", "running"]);
    expect((await page(server, "?status=cancelled")).ids).toEqual([]);
    const { next } = await page(server, "?status=completed&limit=1");
    expect(await page(server, `?status=completed&limit=1&before=${next}`)).toEqual({
      ids: ["past"],
      next: null,
    });
  });
});
