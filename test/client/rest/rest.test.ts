import { describe, expect, it } from "vitest";
import { NoAnswerError, SyncError } from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import { fakeClient, stateOf } from "../../support/links/fakeClient.js";
import { NOTHING, problem } from "../../support/links/fakeFetch.js";

const saved = { success: true, message: "Workflow state saved", workflow_id: "w", epoch: "e1" };

function rest(token?: string) {
  const fake = fakeClient({ token });
  return { ...fake, rest: fake.client.rest };
}

describe("REST", () => {
  it("loads the current workflow or one by its id, and null where there is none", async () => {
    const { rest: door, http } = rest();
    http.answer = () => NOTHING;
    expect(await door.load()).toBeNull();
    http.answer = () => ({ body: { state: stateOf("a b"), epoch: "e1", revision: 3 } });
    expect(await door.load("a b")).toMatchObject({ epoch: "e1", revision: 3 });
    expect(http.calls.map(({ path }) => path)).toEqual([
      "/mount/workflow/state",
      "/mount/workflow/state?workflow_id=a+b",
    ]);
  });

  it("REST writes each command with its conditions as headers", async () => {
    const { rest: door, http } = rest("secret");
    http.answer = () => ({ body: { ...saved, revision: 1 } });
    const expected = { epoch: "e1", revision: 4 };
    await door.save({ steps: [] }, { expected, requestId: "r", token: 7 });
    await door.merge({ status: "completed" }, { workflow_id: "w", expected: "any" });
    await door.reportStep(2, { status: "completed" }, { workflow_id: "w" });
    await door.clear("w");
    expect(http.calls.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/mount/workflow/state", { steps: [] }],
      ["PATCH", "/mount/workflow/state?workflow_id=w", { status: "completed" }],
      ["PATCH", "/mount/workflow/state/steps/2?workflow_id=w", { status: "completed" }],
      ["DELETE", "/mount/workflow/state?workflow_id=w", undefined],
    ]);
    expect(http.calls[0]?.headers).toMatchObject({
      Authorization: "Bearer secret",
      "Content-Type": "application/json",
      "Idempotency-Key": "r",
      "If-Match": '"e1.4"',
      "Instep-Token": "7",
    });
    expect(http.calls[1]?.headers).toMatchObject({ "If-Match": "*" });
    const keys = http.calls.map(({ headers }) => headers["Idempotency-Key"]);
    expect(new Set(keys).size).toBe(4);
  });

  it("REST asks for lists by status, words, inputs, times and order, page by page", async () => {
    const { rest: door, http } = rest();
    http.answer = () => ({ body: { success: true, workflows: [], next: null } });
    await door.list({ status: ["running", "failed"], limit: 5, before: "c" });
    await door.list();
    await door.list({
      q: "a b",
      input: "host=x",
      from: 0,
      sort: "-name",
      cursor: "d",
      counts: true,
    });
    expect(http.calls.map(({ path }) => path)).toEqual([
      "/mount/workflows?status=running%2Cfailed&limit=5&before=c",
      "/mount/workflows",
      "/mount/workflows?cursor=d&q=a+b&input=host%3Dx&from=1970-01-01T00%3A00%3A00.000Z&sort=-name&counts=1",
    ]);
  });

  it("rejects with what Instep refused, and why", async () => {
    const { rest: door, http } = rest();
    const errors = [{ path: "steps", message: "must be an array" }];
    http.answer = () => problem(412, "position_moved", { epoch: "e2", revision: 3, errors });
    await expect(door.save({ steps: [] })).rejects.toMatchObject({
      name: "SyncError",
      code: "position_moved",
      at: { epoch: "e2", revision: 3 },
      errors,
    });
    http.answer = () => problem(412, "position_moved", { epoch: null, revision: null });
    await expect(door.save({ steps: [] })).rejects.toMatchObject({ at: null });
    http.answer = () => ({
      ...(problem(429, "rate_limited") as object),
      headers: { "Retry-After": "3" },
    });
    await expect(door.load()).rejects.toMatchObject({ retryAfter: 3, canRetry: true });
    http.answer = () => problem(418, "of_tomorrow");
    await expect(door.load()).rejects.toBeInstanceOf(SyncError);
  });

  it.each([
    ["nobody", "unreachable" as const],
    ["a proxy's page", { status: 502, body: "<html>" }],
    ["a login page", { status: 200, body: "<html>" }],
    ["another server's JSON", { status: 200, body: { hello: 1 } }],
    ["another server's error", { status: 404, body: { error: "no" } }],
    ["a list", { status: 200, body: [] }],
  ])("does not take the answer of %s for Instep's", async (_, answer) => {
    const { rest: door, http } = rest();
    http.answer = () => answer;
    await expect(door.load()).rejects.toBeInstanceOf(NoAnswerError);
  });

  it("a REST call has ten seconds, or as long as it is told, and leaves no timer behind", async () => {
    const { rest: door, http, clock } = rest();
    http.answer = () => NOTHING;
    await door.load();
    http.answer = () => "silence";
    const slow = door.load();
    const quick = door.summary("w", { deadlineMs: 100 });
    await settled();
    clock.advance(100);
    await expect(quick).rejects.toBeInstanceOf(NoAnswerError);
    clock.advance(9_899);
    expect(clock.waiting).toBe(1);
    clock.advance(1);
    await expect(slow).rejects.toThrow("http://instep.test/mount (no answer came in time)");
    expect(clock.waiting).toBe(0);
  });

  it("a REST call ends with its signal's reason, and with the client", async () => {
    const { rest: door, http, clock, client } = rest();
    http.answer = () => "silence";
    const stop = new AbortController();
    const stopped = door.load("w", { signal: stop.signal });
    const closed = door.load();
    const patient = door.clear("w", { patienceMs: 60_000 });
    await settled();
    stop.abort("enough");
    await expect(stopped).rejects.toBe("enough");
    client.close();
    await expect(closed).rejects.toBeInstanceOf(NoAnswerError);
    await expect(patient).rejects.toBeInstanceOf(NoAnswerError);
    expect(clock.waiting).toBe(0);
  });

  it("REST refuses a body over the limit without sending it", async () => {
    const { rest: door, http } = rest();
    const state = { steps: [], note: "x".repeat(1024 * 1024) };
    await expect(door.save(state)).rejects.toMatchObject({ code: "too_large" });
    expect(http.calls).toEqual([]);
  });

  it("a REST call with patience is made again, with the same key, for as long as that lasts", async () => {
    const { rest: door, http, clock } = rest();
    const done = door.clear("w", { patienceMs: 1_200 });
    done.catch(() => {});
    for (let wait = 0; wait < 5; wait++) {
      await settled();
      clock.advance(500);
    }
    await expect(done).rejects.toBeInstanceOf(NoAnswerError);
    expect(http.calls).toHaveLength(3);
    expect(new Set(http.calls.map(({ headers }) => headers["Idempotency-Key"])).size).toBe(1);
  });
});
