/** Reading again and writing safely: entity tags, compare-and-set, and answers that wait. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { tagOf } from "../../support/links/rest.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";
const deploy = { workflow_id: "deploy", steps: [{ action: "build" }] };

describe("If-None-Match", () => {
  liveTest(
    "If-None-Match gives 304 while nothing changed, and the state once it did",
    async ({ serve }) => {
      const server = await serve();
      expect((await server.get(STATE, { "If-None-Match": '"none"' })).status).toBe(304);
      const saved = await server.saved(deploy);
      for (const known of [tagOf(saved), `W/${tagOf(saved)}`, `"x", ${tagOf(saved)}`, "*"]) {
        const answer = await server.get(STATE, { "If-None-Match": known });
        expect([known, answer.status, answer.text]).toEqual([known, 304, ""]);
        expect(answer.headers.get("etag")).toBe(tagOf(saved));
      }
      for (const known of [
        '"none"',
        tagOf({ ...saved, revision: 0 }),
        tagOf({ ...saved, epoch: "x" }),
      ]) {
        expect((await server.get(STATE, { "If-None-Match": known })).status).toBe(200);
      }
    },
  );
});

describe("If-Match", () => {
  const writes: readonly (readonly [string, string, object | undefined])[] = [
    ["POST", STATE, { ...deploy, note: "mine" }],
    ["PATCH", STATE, { note: "mine" }],
    ["PATCH", `${STATE}/steps/0`, { status: "in_progress" }],
    ["DELETE", `${STATE}?workflow_id=deploy`, undefined],
    ["POST", "/workflow/clear", { workflow_id: "deploy" }],
  ];

  liveTest.for(writes)(
    "If-Match makes %s %s a compare-and-set",
    async ([method, path, body], { serve }) => {
      const server = await serve();
      const old = await server.saved(deploy);
      const now = await server.saved({ ...deploy, note: "theirs" });
      const write = (tag: string) =>
        server.call(method, path, {
          headers: { "If-Match": tag },
          ...(body === undefined ? {} : { body }),
        });
      for (const tag of [tagOf(old), tagOf({ ...now, epoch: "another" }), '"nonsense"']) {
        const refused = await write(tag);
        expect([refused.status, refused.body.code]).toEqual([412, "position_moved"]);
        expect(refused.body).toMatchObject({ epoch: now.epoch, revision: 2, retry: false });
      }
      expect((await server.get()).body.state.note).toBe("theirs");
      expect((await write(tagOf(now))).status).toBe(200);
      const after = (await server.get()).body;
      expect(after.state === null || after.revision === 3).toBe(true);
    },
  );

  liveTest.for(writes)(
    "If-Match: * lets %s %s through only if the workflow exists",
    async (write, { serve }) => {
      const [method, path, body] = write;
      const server = await serve();
      const options = { headers: { "If-Match": "*" }, ...(body === undefined ? {} : { body }) };
      const refused = await server.call(method, path, options);
      expect([refused.status, refused.body.code]).toEqual([412, "position_moved"]);
      expect(refused.body).toMatchObject({ epoch: null, revision: null });
      expect((await server.get()).body.state).toBeNull();
      await server.saved(deploy);
      expect((await server.call(method, path, options)).status).toBe(200);
    },
  );

  liveTest("If-Match lets one of many writes through", async ({ serve }) => {
    const server = await serve();
    const saved = await server.saved(deploy);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        server.call("PATCH", STATE, { body: { by: i }, headers: { "If-Match": tagOf(saved) } }),
      ),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    expect((await server.get()).body).toMatchObject({
      revision: 2,
      state: { by: answers.indexOf(winners[0]!) },
    });
  });
});

describe("an answer that waits", () => {
  /** Asks, and resolves once the server holds the answer back. */
  async function hold(server: LiveServer, path: string, known: string) {
    const [, amount, unit] = /wait=(\d+)(m?s)$/.exec(path)!;
    const ms = Math.min(60_000, Number(amount) * (unit === "s" ? 1_000 : 1));
    const asked = { isAnswered: false, answer: server.get(path, { "If-None-Match": known }) };
    void asked.answer.then(() => {
      asked.isAnswered = true;
    });
    await until(() => server.clock.waitingFor(ms) > 0, "the answer is held");
    return asked;
  }

  liveTest.for([
    ["25s", 25_000],
    ["500ms", 500],
    ["600s", 60_000],
  ] as const)("a wait of %s is answered with 304 after %i ms", async ([wait, ms], { serve }) => {
    const server = await serve();
    const tag = tagOf(await server.saved(deploy));
    const held = await hold(server, `${STATE}?wait=${wait}`, tag);
    server.clock.advance(ms - 1);
    // An answer that had been let go would have overtaken this one.
    await server.get();
    expect(held.isAnswered).toBe(false);
    server.clock.advance(1);
    expect((await held.answer).status).toBe(304);
  });

  liveTest.for([
    ["back", -7_200_000],
    ["on", 7_200_000],
  ] as const)(
    "an answer that waits has its time, whether the clock is set %s meanwhile",
    async ([, by], { serve }) => {
      const server = await serve();
      const older = { workflow_id: "older", status: "blocked" };
      await server.saved(older);
      const held = await hold(server, `${STATE}?wait=4s`, tagOf(await server.saved(deploy)));
      server.clock.setWall(server.clock.now() + by);
      // A change elsewhere makes it look again.
      await server.saved({ ...older, title: "x" });
      server.clock.advance(3_999);
      await server.get();
      expect(held.isAnswered).toBe(false);
      server.clock.advance(1);
      expect((await held.answer).status).toBe(304);
    },
  );

  liveTest("an answer that waits comes at once when the position moves on", async ({ serve }) => {
    const server = await serve();
    let tag = tagOf(await server.saved(deploy));
    for (const path of [`${STATE}?wait=25s`, `${STATE}?workflow_id=deploy&wait=25s`]) {
      const held = await hold(server, path, tag);
      const moved = await server.saved({ ...deploy, path });
      expect((await held.answer).body).toMatchObject({
        revision: moved.revision,
        state: { path },
      });
      tag = tagOf(moved);
    }
  });

  liveTest(
    "an answer that waits waits for something to be there, and for it to go",
    async ({ serve }) => {
      const server = await serve();
      const start = await hold(server, `${STATE}?wait=25s`, '"none"');
      const saved = await server.saved(deploy);
      expect((await start.answer).body.state.workflow_id).toBe("deploy");
      const end = await hold(server, `${STATE}?wait=25s`, tagOf(saved));
      await server.call("DELETE", STATE);
      expect((await end.answer).body).toEqual({ success: true, active: false, state: null });
    },
  );

  liveTest("an answer that waits is not let go by other workflows", async ({ serve }) => {
    const server = await serve();
    const tag = tagOf(await server.saved(deploy));
    const held = await hold(server, `${STATE}?workflow_id=deploy&wait=25s`, tag);
    await server.saved({ workflow_id: "other" });
    expect(held.isAnswered).toBe(false);
    server.clock.advance(25_000);
    expect((await held.answer).status).toBe(304);
  });

  liveTest(
    "an answer that waits is not for a reader that knows nothing, or something old",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      expect((await server.get(`${STATE}?wait=25s`)).status).toBe(200);
      const known = { "If-None-Match": tagOf({ ...saved, revision: 0 }) };
      expect((await server.get(`${STATE}?wait=25s`, known)).status).toBe(200);
    },
  );

  liveTest(
    "an answer that waits is given up when the reader leaves, and counts against a limit",
    async ({ serve }) => {
      const server = await serve({ limits: { heldAnswers: 1 } });
      const headers = { "If-None-Match": '"none"' };
      const leaving = new AbortController();
      const path = `${STATE}?wait=24s`;
      const pending = server.call("GET", path, { headers, signal: leaving.signal });
      await until(() => server.clock.waitingFor(24_000) > 0, "the answer is held");
      const refused = await server.get(path, headers);
      expect([refused.status, refused.body.code]).toEqual([429, "too_many"]);
      leaving.abort();
      await expect(pending).rejects.toThrow();
      await until(() => server.clock.waitingFor(24_000) === 0, "the held answer is forgotten");
    },
  );

  liveTest("an answer that waits is answered when the server stops", async ({ serve }) => {
    const server = await serve();
    const held = await hold(server, `${STATE}?wait=25s`, '"none"');
    await server.stop();
    expect((await held.answer).status).toBe(304);
  });
});

describe("If-None-Match: * of a write", () => {
  const none = { "If-None-Match": "*" };

  liveTest("If-None-Match: * of a write saves only what is not there yet", async ({ serve }) => {
    const server = await serve({ clearAfterMs: 1_000 });
    const create = (body: object) => server.call("POST", STATE, { body, headers: none });
    const [first, second] = await Promise.all([create(deploy), create({ ...deploy, note: "two" })]);
    expect([first.status, second.status].sort()).toEqual([200, 412]);
    const { epoch } = (await server.get()).body;
    const again = await create(deploy);
    expect(again.body).toMatchObject({ code: "position_moved", epoch, revision: 1 });
    expect((await create({ name: "named by the server" })).status).toBe(200);

    await server.saved({ ...deploy, status: "completed" });
    server.clock.advance(1_000);
    const ended = `${STATE}?workflow_id=deploy`;
    await until(async () => {
      const { workflows } = (await server.get("/workflows")).body;
      return workflows.some(({ in_history }) => in_history);
    }, "it is in the history");
    expect((await create(deploy)).status).toBe(412);
    expect((await server.call("DELETE", ended)).status).toBe(200);
    expect((await create(deploy)).status).toBe(200);
  });

  liveTest(
    "If-None-Match: * of a write gives the first outcome to a key that comes again",
    async ({ serve }) => {
      const server = await serve();
      const headers = { ...none, "Idempotency-Key": "once" };
      const create = () => server.call("POST", STATE, { body: deploy, headers });
      const first = await create();
      expect((await create()).text).toBe(first.text);
      await server.restart();
      expect((await create()).text).toBe(first.text);
    },
  );

  liveTest(
    "If-None-Match: * of a write lets no other write through, and takes no other tag",
    async ({ serve }) => {
      const server = await serve();
      const saved = await server.saved(deploy);
      for (const [method, path, body] of [
        ["PATCH", STATE, { note: "x" }],
        ["PATCH", `${STATE}/steps/0`, { message: "x" }],
        ["DELETE", STATE, undefined],
      ] as const) {
        const answer = await server.call(method, path, { headers: none, ...(body && { body }) });
        expect([method, path, answer.status]).toEqual([method, path, 412]);
      }
      for (const headers of [{ "If-None-Match": tagOf(saved) }, { ...none, "If-Match": "*" }]) {
        const answer = await server.call("POST", STATE, { body: deploy, headers });
        expect(answer.body.errors).toMatchObject([{ path: "If-None-Match" }]);
      }
      expect((await server.get()).body.revision).toBe(1);
    },
  );
});
