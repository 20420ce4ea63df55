import { describe, expect, it } from "vitest";
import {
  clearWorkflowState,
  type Found,
  initWorkflow,
  loadWorkflowState,
  restoreWorkflowState,
  saveWorkflowState,
  type WorkflowState,
} from "../../client/index.js";
import { settled } from "../support/clocks/settled.js";
import { fakeClient, snapshotOf, stateOf } from "../support/links/fakeClient.js";
import { type FakeCall, NOTHING, problem } from "../support/links/fakeFetch.js";

const saved = (revision: number, epoch = "e1") => ({
  body: { success: true, message: "Workflow state saved", workflow_id: "w", epoch, revision },
});
const loaded = (revision: number, more: object = {}, epoch = "e1") => ({
  body: { success: true, active: true, state: stateOf("w", more), epoch, revision },
});
const state = { workflow_id: "w", steps: [{ action: "a" }] };
const writes = (calls: FakeCall[]) => calls.filter(({ method }) => method === "POST");
const conditions = (calls: FakeCall[]) => writes(calls).map(({ headers }) => headers["If-Match"]);

describe("initWorkflow", () => {
  it("restores the current workflow, with a warning and each step's look", async () => {
    const { client, http, sockets } = fakeClient();
    const steps = [
      { action: "test_ssh", status: "completed", index: 0, completion_note: "4 hosts" },
      {
        action: "sync",
        title: "Sync it",
        status: "in_progress",
        index: 1,
        progress: 0.4,
        message: "copying",
      },
      { action: "check", status: "pending", index: 2 },
    ];
    http.answer = () =>
      loaded(3, { title: "Backup", steps, current_step: 1, driver: { name: "laptop", since: "" } });
    const restored: Found[] = [];
    const found = await initWorkflow(client, { onRestore: (one) => restored.push(one) });
    expect(restored).toEqual([found]);
    expect(found?.kind).toBe("running");
    expect(found?.warning).toBe(
      'The workflow "Backup" is still running, driven by laptop at step 2 of 3, "Sync it".',
    );
    expect(
      found?.steps.map(({ title, status, progress, text, isCurrent }) => [
        title,
        status,
        progress,
        text,
        isCurrent,
      ]),
    ).toEqual([
      ["test_ssh", "completed", 1, "4 hosts", false],
      ["Sync it", "in_progress", 0.4, "copying", true],
      ["check", "pending", null, null, false],
    ]);
    expect(sockets.all).toEqual([]);
  });

  it("initWorkflow says so where there is nothing", async () => {
    const { client, http } = fakeClient();
    http.answer = () => NOTHING;
    let isNothing = false;
    const onNothing = () => {
      isNothing = true;
    };
    const hooks = { onRestore: () => {}, onNothing };
    expect(await initWorkflow(client, hooks)).toBeNull();
    expect(isNothing).toBe(true);
  });
});

describe("restoreWorkflowState", () => {
  it.each([
    [{ status: "running" }, "running", "still running"],
    [
      { status: "interrupted", interruption: { at: "", reason: "driver_gone", step: 0 } },
      "interrupted",
      "its driver is gone",
    ],
    [
      { status: "interrupted", interruption: { at: "", reason: "server_restart", step: 0 } },
      "interrupted",
      "by a restart of the server",
    ],
    [
      { status: "interrupted", interruption: { at: "", reason: "command_lost", step: 0 } },
      "interrupted",
      "its command is gone, and nobody knows how it ended",
    ],
    [
      { status: "interrupted", interruption: { at: "", reason: "of a newer server", step: 0 } },
      "interrupted",
      'was interrupted at step 1 of 1, "a". Nothing runs',
    ],
    [
      { status: "blocked", block_info: { prompt: "Switch over now?" } },
      "blocked",
      "Switch over now?",
    ],
    [{ status: "completed" }, "ended", "completed moments ago"],
    [{ status: "failed", error_message: "disk full" }, "ended", "disk full"],
    [{ status: "cancelled" }, "ended", "cancelled moments ago"],
  ])("tells %j as %s", (more, kind, words) => {
    const found = restoreWorkflowState(stateOf("w", more) as WorkflowState);
    expect(found.kind).toBe(kind);
    expect(found.warning).toContain(words);
  });
});

describe("saveWorkflowState", () => {
  it("saveWorkflowState begins without a condition, and goes on from the position each save led to", async () => {
    const { client, http } = fakeClient();
    let revision = 0;
    http.answer = () => saved(++revision);
    // Not waited for in between, as a page would: they still go one after the other.
    await Promise.all([1, 2, 3].map(() => saveWorkflowState(client, state)));
    expect(conditions(http.calls)).toEqual([undefined, '"e1.1"', '"e1.2"']);
  });

  it("saveWorkflowState goes on from what was loaded", async () => {
    const { client, http } = fakeClient();
    http.answer = ({ method }) => (method === "GET" ? loaded(7) : saved(8));
    await loadWorkflowState(client);
    await saveWorkflowState(client, state);
    expect(conditions(http.calls)).toEqual(['"e1.7"']);
  });

  it("saveWorkflowState goes on from what is watched, but not into another epoch of the workflow", async () => {
    const { client, http, sockets } = fakeClient();
    http.answer = () => saved(5);
    client.watch("w", () => {});
    sockets.newest.hello().says(snapshotOf("w", 4));
    await saveWorkflowState(client, state);
    sockets.newest.says({ ...snapshotOf("w", 1), epoch: "e2" });
    await saveWorkflowState(client, state);
    expect(conditions(http.calls)).toEqual(['"e1.4"', '"e1.5"']);
  });

  it("a save is refused when somebody else moved the workflow on, and again until it is loaded", async () => {
    const { client, http } = fakeClient();
    http.answer = () => saved(1);
    await saveWorkflowState(client, state);
    http.answer = ({ method, path }) => {
      if (path.includes("summary")) return { body: { summary: { status: "running" } } };
      return method === "GET"
        ? loaded(2)
        : problem(412, "position_moved", { epoch: "e1", revision: 2 });
    };
    for (let time = 0; time < 2; time++) {
      await expect(saveWorkflowState(client, state)).rejects.toMatchObject({
        code: "position_moved",
        at: { epoch: "e1", revision: 2 },
      });
    }
    expect(conditions(http.calls)).toEqual([undefined, '"e1.1"', '"e1.1"']);
    await loadWorkflowState(client, "w");
    http.answer = () => saved(3);
    await saveWorkflowState(client, state);
    expect(conditions(http.calls).at(-1)).toBe('"e1.2"');
  });

  it("brings nothing back that was cleared", async () => {
    const { client, http } = fakeClient();
    http.answer = () => saved(1);
    await saveWorkflowState(client, state);
    http.answer = () => problem(412, "position_moved", { epoch: null, revision: null });
    await expect(saveWorkflowState(client, state)).rejects.toMatchObject({ at: null });
  });

  it("a save goes on over an interruption by the server itself, which waits for just this", async () => {
    const { client, http } = fakeClient();
    http.answer = () => saved(1);
    await saveWorkflowState(client, state);
    http.answer = ({ headers, path }) => {
      if (path.includes("summary")) return { body: { summary: { status: "interrupted" } } };
      return headers["If-Match"] === '"e1.2"'
        ? saved(3)
        : problem(412, "position_moved", { epoch: "e1", revision: 2 });
    };
    expect(await saveWorkflowState(client, state)).toMatchObject({ revision: 3 });
  });

  it("a save is made again with the same key where nothing answers for a while", async () => {
    const { client, http, clock } = fakeClient();
    const answer = saveWorkflowState(client, state);
    await settled();
    http.answer = () => saved(1);
    clock.advance(500);
    expect(await answer).toMatchObject({ revision: 1 });
    expect(new Set(http.calls.map(({ headers }) => headers["Idempotency-Key"])).size).toBe(1);
  });

  it("a save is refused when a hundred saves of the workflow wait already", async () => {
    const { client, http } = fakeClient();
    http.answer = () => "silence";
    const waiting = Array.from({ length: 100 }, () => saveWorkflowState(client, state));
    const all = Promise.allSettled(waiting);
    await expect(saveWorkflowState(client, state)).rejects.toMatchObject({ code: "too_many" });
    await settled();
    client.close();
    expect((await all).every(({ status }) => status === "rejected")).toBe(true);
  });
});

describe("clearWorkflowState", () => {
  it("clearWorkflowState makes way for a new workflow of the same id", async () => {
    const { client, http } = fakeClient();
    http.answer = () => saved(1);
    await saveWorkflowState(client, state);
    await clearWorkflowState(client, "w");
    await saveWorkflowState(client, state);
    expect(conditions(http.calls)).toEqual([undefined, undefined]);
  });

  it("clearWorkflowState without an id means the workflow this client saved last, by its id", async () => {
    const { client, http } = fakeClient();
    http.answer = () => saved(1);
    await clearWorkflowState(client);
    await saveWorkflowState(client, { steps: [{ action: "a" }] });
    await clearWorkflowState(client);
    const cleared = http.calls.filter(({ method }) => method === "DELETE");
    expect(cleared.map(({ path }) => path)).toEqual([
      "/mount/workflow/state",
      "/mount/workflow/state?workflow_id=w",
    ]);
  });
});
