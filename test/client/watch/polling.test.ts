import { describe, expect, it } from "vitest";
import type { Command } from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import { fakeClient, snapshotOf, stateOf } from "../../support/links/fakeClient.js";
import {
  type FakeAnswer,
  type FakeCall,
  type FakeFetch,
  NOTHING,
  problem,
  UNREACHABLE,
} from "../../support/links/fakeFetch.js";

const loaded = (workflow_id: string, revision: number, epoch = "e1") => ({
  body: { success: true, active: true, state: stateOf(workflow_id), epoch, revision },
});

/** Beside `answer`, an answer to the question whether HTTP works at all. */
const healthy = (answer: FakeFetch["answer"]) => (call: FakeCall) =>
  call.path.includes("summary") ? { body: { success: true, summary: {} } } : answer(call);

/** A client whose upgrades fail while HTTP answers, until it polls. */
async function polling(subjects: string[], answer: FakeFetch["answer"]) {
  const fake = fakeClient();
  fake.http.answer = healthy(answer);
  const stops = subjects.map((subject) => fake.client.watch(subject, () => {}));
  fake.sockets.newest.breaks();
  await settled();
  fake.clock.advance(250);
  fake.sockets.newest.breaks();
  await settled();
  expect(fake.client.connection.phase).toBe("polling");
  const polls = () => fake.http.calls.filter(({ path }) => !path.includes("summary"));
  return { ...fake, stops, polls };
}

describe("polling", () => {
  it("polling asks every two seconds, with the tag of what is shown", async () => {
    let revision = 1;
    const { client, clock, polls } = await polling(["w"], ({ headers }) =>
      headers["If-None-Match"] === `"e1.${revision}"` ? { status: 304 } : loaded("w", revision),
    );
    expect(client.view("w")).toMatchObject({ phase: "live", position: { revision: 1 } });
    const view = client.view("w");
    clock.advance(2_000);
    await settled();
    expect(client.view("w")).toBe(view);
    revision = 2;
    clock.advance(2_000);
    await settled();
    expect(client.view("w")).toMatchObject({ phase: "live", position: { revision: 2 } });
    expect(polls().map(({ path, headers }) => [path, headers["If-None-Match"]])).toEqual([
      ["/mount/workflow/state?workflow_id=w", undefined],
      ["/mount/workflow/state?workflow_id=w", '"e1.1"'],
      ["/mount/workflow/state?workflow_id=w", '"e1.1"'],
    ]);
  });

  it("hears from every answer whether the server can save", async () => {
    let headers: Record<string, string> = { "Instep-Storage-Failing": "disk_full" };
    const { client, clock } = await polling(["w"], () => ({ ...loaded("w", 1), headers }));
    expect(client.connection).toMatchObject({ phase: "polling", cannotSave: "disk_full" });
    headers = {};
    clock.advance(2_000);
    await settled();
    expect(client.connection).toMatchObject({ phase: "polling", cannotSave: null });
  });

  it("hears from every answer which server gave it, and since when that cannot follow its store", async () => {
    const since = "2026-01-01T00:00:00.000Z";
    let headers: Record<string, string> = { "Instep-Served-By": "one", "Instep-Stale": since };
    const { client, clock } = await polling(["w"], () => ({ ...loaded("w", 1), headers }));
    const staleSince = Date.parse(since);
    expect(client.connection).toMatchObject({ phase: "polling", node: "one", staleSince });
    expect(client.view("w")).toMatchObject({ phase: "stale", staleSince, asOf: staleSince });
    headers = { "Instep-Served-By": "two" };
    clock.advance(2_000);
    await settled();
    expect(client.connection).toMatchObject({ phase: "polling", node: "two", staleSince: null });
    expect(client.view("w")).toMatchObject({ phase: "live", staleSince: null });
  });

  it("a workflow that a server did not know while it could not follow its store is asked for again", async () => {
    let headers: Record<string, string> = { "Instep-Stale": "2026-01-01T00:00:00.000Z" };
    let answer: FakeAnswer = NOTHING;
    const { client, clock } = await polling(["w"], () => ({ ...(answer as object), headers }));
    const staleSince = Date.parse("2026-01-01T00:00:00.000Z");
    expect(client.view("w")).toMatchObject({ phase: "closed", closed: "unknown", staleSince });
    headers = {};
    answer = loaded("w", 1);
    for (let round = 0; round < 2; round++) {
      clock.advance(2_000);
      await settled();
    }
    expect(client.view("w")).toMatchObject({ phase: "live", closed: null, staleSince: null });
  });

  it("follows the current workflow from one to the next, and to none", async () => {
    let answer: FakeAnswer = loaded("w", 1);
    const { client, clock, polls } = await polling(["current"], () => answer);
    expect(client.view("current")).toMatchObject({ workflow_id: "w", phase: "live" });
    answer = loaded("v", 1, "e2");
    clock.advance(2_000);
    await settled();
    expect(client.view("current")).toMatchObject({ workflow_id: "v", phase: "live" });
    answer = NOTHING;
    for (let round = 0; round < 2; round++) {
      clock.advance(2_000);
      await settled();
    }
    const nothing = { workflow_id: null, state: null, phase: "live" };
    expect(client.view("current")).toMatchObject(nothing);
    expect(polls().at(-1)?.headers["If-None-Match"]).toBe('"none"');
  });

  it("closes a workflow that is not there any more, and does not ask for it again", async () => {
    let answer: FakeAnswer = loaded("w", 1);
    const { client, clock, polls } = await polling(["w", "x"], ({ path }) =>
      path.includes("workflow_id=w") ? answer : NOTHING,
    );
    expect(client.view("x")).toMatchObject({ phase: "closed", closed: "unknown" });
    answer = NOTHING;
    clock.advance(2_000);
    await settled();
    expect(client.view("w")).toMatchObject({ phase: "closed", closed: "cleared" });
    const asked = polls().length;
    clock.advance(10_000);
    await settled();
    expect(polls()).toHaveLength(asked);
  });

  it("polling tells a damaged workflow from one that is not there, in the list too", async () => {
    const damage = { workflow_id: "w", file: "w.json", why: "cut", at: "", in_history: false };
    const { client } = await polling(["w", "*"], ({ path }) => ({
      body: path.includes("workflow_id=w")
        ? { success: true, active: false, state: null, damaged: damage }
        : { success: true, workflows: [], damaged: [damage], next: null },
    }));
    expect(client.view("w")).toMatchObject({ phase: "closed", closed: "damaged" });
    expect(client.view("*").list).toEqual({ workflows: {}, damaged: { "w.json": damage } });
  });

  it("polling reads the whole list, page by page", async () => {
    const line = (epoch: string) => ({ workflow_id: epoch, status: "running", epoch });
    const { client, clock } = await polling(["*"], ({ path }) => ({
      body: path.includes("before=next")
        ? { success: true, workflows: [line("e2")], next: null }
        : { success: true, workflows: [line("e1")], next: "next" },
    }));
    const { phase, list } = client.view("*");
    expect(phase).toBe("live");
    expect(Object.keys(list?.workflows ?? {})).toEqual(["e1", "e2"]);
    clock.advance(2_000);
    await settled();
    expect(client.view("*").list).toBe(list);
  });

  it("polling never shows an older revision that a proxy still had, and is not live by it", async () => {
    let revision = 5;
    const { client, clock } = await polling(["w"], () => loaded("w", revision));
    const { asOf } = client.view("w");
    revision = 3;
    clock.advance(2_000);
    await settled();
    expect(client.view("w")).toMatchObject({ phase: "stale", asOf, position: { revision: 5 } });
    revision = 6;
    clock.advance(2_000);
    await settled();
    expect(client.view("w")).toMatchObject({ phase: "live", position: { revision: 6 } });
  });

  it("polling shows a subject as stale when its poll fails, and as of the poll before", async () => {
    const fake = await polling(["w"], () => loaded("w", 1));
    const { asOf } = fake.client.view("w");
    fake.http.answer = UNREACHABLE;
    fake.clock.advance(2_000);
    await settled();
    expect(fake.client.view("w")).toMatchObject({ phase: "stale", asOf });
    expect(fake.client.connection.phase).toBe("waiting");
  });

  it("polling keeps on where one subject is refused and another is not", async () => {
    const { client } = await polling(["w", "v"], ({ path }) =>
      path.includes("workflow_id=w") ? problem(429, "rate_limited") : loaded("v", 1),
    );
    expect(client.view("w").phase).toBe("loading");
    expect(client.view("v").phase).toBe("live");
    expect(client.connection.phase).toBe("polling");
  });

  it("polling asks at once for what is newly watched", async () => {
    const { client } = await polling(["w"], ({ path }) =>
      loaded(path.includes("=v") ? "v" : "w", 1),
    );
    client.watch("v", () => {});
    const { clock } = client;
    expect(clock.now()).toBe(clock.now());
    await settled();
    (clock as ReturnType<typeof fakeClient>["clock"]).advance(0);
    await settled();
    expect(client.view("v").phase).toBe("live");
  });

  it("polling goes back to the socket with its position, and stops asking", async () => {
    const { client, clock, sockets, polls } = await polling(["w"], () => loaded("w", 7));
    clock.advance(1_000);
    const socket = sockets.newest.hello();
    expect(socket.sent).toEqual([
      { type: "subscribe", workflow_id: "w", last: { epoch: "e1", revision: 7 } },
    ]);
    expect(client.connection.phase).toBe("polling");
    socket.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 7 });
    expect(client.connection.phase).toBe("live");
    expect(client.view("w").phase).toBe("live");
    const asked = polls().length;
    clock.advance(10_000);
    await settled();
    expect(polls()).toHaveLength(asked);
  });

  it("polling takes no late answer once the socket has said hello", async () => {
    const { client, clock, sockets, http } = await polling(["w"], () => loaded("w", 7));
    http.answer = () => "silence";
    clock.advance(1_000);
    const socket = sockets.newest;
    clock.advance(1_000);
    http.answer = () => loaded("w", 9, "old life");
    socket.hello().says(snapshotOf("w", 8));
    await settled();
    expect(client.view("w").position).toEqual({ epoch: "e1", revision: 8 });
  });

  it("polling makes proposals by REST, one after the other, under their own id", async () => {
    const { client, http, polls } = await polling(["w"], () => loaded("w", 1));
    const saved = { success: true, message: "", workflow_id: "w", epoch: "e1" };
    let revision = 1;
    http.answer = ({ method }) =>
      method === "GET" ? loaded("w", revision) : { body: { ...saved, revision: ++revision } };
    const commands: Command[] = [
      { kind: "step", workflow_id: "w", index: 1, update: { progress: 1 } },
      { kind: "save", merge: true, workflow_id: "w", state: { status: "completed" } },
      { kind: "save", state: { workflow_id: "w", steps: [] } },
      { kind: "clear", workflow_id: "w" },
    ];
    const expected = { epoch: "e1", revision: 1 };
    const answers = commands.map((command, index) =>
      client.propose(command, {
        requestId: `r${index}`,
        token: 5,
        ...(index === 0 && { expected }),
      }),
    );
    expect((await Promise.all(answers)).map(({ revision }) => revision)).toEqual([2, 3, 4, null]);
    const writes = polls().filter(({ method }) => method !== "GET");
    expect(
      writes.map(({ method, path, headers }) => [method, path, headers["Idempotency-Key"]]),
    ).toEqual([
      ["PATCH", "/mount/workflow/state/steps/1?workflow_id=w", "r0"],
      ["PATCH", "/mount/workflow/state?workflow_id=w", "r1"],
      ["POST", "/mount/workflow/state", "r2"],
      ["DELETE", "/mount/workflow/state?workflow_id=w", "r3"],
    ]);
    expect(writes[0]?.headers).toMatchObject({ "If-Match": '"e1.1"', "Instep-Token": "5" });
  });

  it("polling gives no leases, for there is nobody to ask", async () => {
    const { client } = await polling(["w"], () => loaded("w", 1));
    const lease = client.lease("w", { driver: "d" });
    await expect(lease).rejects.toMatchObject({ code: "upgrade_required" });
  });

  it("polling sends a proposal on the socket that it could not deliver by REST", async () => {
    const { client, http, clock, sockets } = await polling(["w"], () => loaded("w", 1));
    http.answer = ({ method }) => (method === "GET" ? loaded("w", 1) : "silence");
    const answer = client.propose({ kind: "clear", workflow_id: "w" }, { requestId: "r" });
    await settled();
    clock.advance(1_000);
    const socket = sockets.newest.hello();
    expect(socket.sentOf("propose").map(({ request_id }) => request_id)).toEqual(["r"]);
    socket.says({
      type: "accepted",
      request_id: "r",
      workflow_id: "w",
      epoch: null,
      revision: null,
    });
    expect(await answer).toMatchObject({ workflow_id: "w" });
  });

  it("polling takes over again from a socket that said hello and broke before it was synced", async () => {
    const { client, http, clock, sockets } = await polling(["w"], () => loaded("w", 1));
    clock.advance(1_000);
    sockets.newest.hello();
    const answer = client.propose({ kind: "clear", workflow_id: "w" }, { requestId: "r" });
    expect(sockets.newest.sentOf("propose")).toHaveLength(1);
    http.answer = ({ method }) => (method === "GET" ? loaded("w", 1) : { body: { success: true } });
    sockets.newest.breaks();
    expect(await answer).toMatchObject({ workflow_id: "w" });
    expect(client.connection.phase).toBe("polling");
  });

  it("polling leaves nothing behind when the client is closed", async () => {
    const { client, clock } = await polling(["w"], () => loaded("w", 1));
    client.close();
    await settled();
    expect(clock.waiting).toBe(0);
  });

  it("a client polls where there is no WebSocket at all", async () => {
    const fake = fakeClient({
      WebSocket: class {
        constructor() {
          throw new TypeError("not here");
        }
      } as never,
    });
    fake.http.answer = healthy(() => loaded("w", 1));
    fake.client.watch("w", () => {});
    await settled();
    fake.clock.advance(250);
    await settled();
    expect(fake.client.connection.phase).toBe("polling");
    expect(fake.client.view("w").phase).toBe("live");
  });
});
