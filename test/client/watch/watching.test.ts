import { describe, expect, it } from "vitest";
import type { View } from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import { changedOf, fakeClient, snapshotOf } from "../../support/links/fakeClient.js";

/** A client that watches `subject`, its socket greeted, and all views its listener was told of. */
function watching(subject: string) {
  const fake = fakeClient();
  const told: View[] = [];
  const stop = fake.client.watch(subject, (view) => told.push(view));
  const socket = fake.sockets.newest.hello();
  return { ...fake, told, stop, socket };
}

const newSocket = ({ sockets, clock }: ReturnType<typeof fakeClient>) => {
  sockets.newest.breaks();
  clock.advance(10_000);
  return sockets.newest.hello();
};

describe("a view", () => {
  it("a view is told soon, in a microtask and not before, to each listener", async () => {
    const { client } = fakeClient();
    const told: string[] = [];
    client.watch("w", ({ phase }) => told.push(phase));
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(["loading"]);
  });

  it("follows snapshot and changes, and shares what did not change", async () => {
    const { told, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    await settled();
    socket.says(changedOf("w", 1, "T"));
    await settled();
    expect(
      told.map(({ phase, position, state }) => [phase, position?.revision, state?.title]),
    ).toEqual([
      ["live", 1, undefined],
      ["live", 2, "T"],
    ]);
    expect(told[1]?.state?.steps).toBe(told[0]?.state?.steps);
  });

  it("a view is the same object until it changes", () => {
    const { client, socket } = watching("w");
    expect(client.view("v")).toBe(client.view("v"));
    socket.says(snapshotOf("w", 1));
    const view = client.view("w");
    socket.says({ type: "heartbeat" });
    socket.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 1 });
    expect(client.view("w")).toBe(view);
  });

  it("a view is stale without the socket, and says up to when it was known to be current", () => {
    const { client, clock, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    clock.advance(20_000);
    socket.says({ type: "heartbeat" });
    const heardAt = clock.now();
    clock.advance(7_000);
    socket.breaks();
    expect(client.view("w")).toMatchObject({ phase: "stale", asOf: heardAt });
    expect(client.view("w").state).not.toBeNull();
  });

  it("a view is stale while the server cannot follow its store, as of then, and live again after", () => {
    const { client, clock, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    clock.advance(20_000);
    const since = clock.now() - 1_000;
    socket.says({ type: "stale", since: new Date(since).toISOString() });
    expect(client.connection.phase).toBe("live");
    const asOfThen = { phase: "stale", staleSince: since, asOf: since };
    expect(client.view("w")).toMatchObject(asOfThen);
    // What still comes was so by then.
    socket.says(changedOf("w", 1, "T"));
    expect(client.view("w")).toMatchObject({ ...asOfThen, state: { title: "T" } });
    socket.says({ type: "stale", since: null });
    expect(client.view("w")).toMatchObject({ phase: "live", staleSince: null });
  });

  it("a view that was stale before its socket broke is as of then, not as of the last heartbeat", () => {
    const { client, clock, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    const since = clock.now();
    socket.says({ type: "stale", since: new Date(since).toISOString() });
    clock.advance(5_000);
    socket.says({ type: "heartbeat" });
    socket.breaks();
    expect(client.view("w")).toMatchObject({ phase: "stale", staleSince: null, asOf: since });
  });

  it("a view that begins at a server that cannot follow its store is as of then", () => {
    const { client, clock, socket } = watching("w");
    const since = clock.now() - 9_000;
    socket.says({ type: "stale", since: new Date(since).toISOString() });
    expect(client.view("w")).toMatchObject({ phase: "loading", staleSince: null });
    socket.says(snapshotOf("w", 1));
    expect(client.view("w")).toMatchObject({ phase: "stale", staleSince: since, asOf: since });
  });

  it("a workflow the server did not know while it was stale is asked for again once it follows", () => {
    const { client, clock, socket } = watching("w");
    const since = clock.now();
    socket.says({ type: "stale", since: new Date(since).toISOString() });
    const nothing = { workflow_id: "w", epoch: null, revision: null };
    socket.says({ type: "closed", ...nothing, reason: "unknown" });
    expect(client.view("w")).toMatchObject({ phase: "closed", staleSince: since });
    socket.says({ type: "stale", since: null });
    expect(socket.sentOf("subscribe")).toHaveLength(2);
    expect(client.view("w").phase).toBe("loading");
    socket.says(snapshotOf("w", 1));
    expect(client.view("w").phase).toBe("live");
  });

  it("a view counts `asOf` in the server's time", () => {
    const fake = fakeClient();
    fake.client.watch("w", () => {});
    fake.sockets.newest.hello({ server_time: "2026-01-01T01:00:00.000Z" }).says(snapshotOf("w", 1));
    expect(fake.client.view("w").asOf).toBe(Date.parse("2026-01-01T01:00:00.000Z"));
  });

  it("a view is resumed from its position on the next socket, and live only once that is answered", () => {
    const { client, socket, ...rest } = watching("w");
    socket.says(snapshotOf("w", 4));
    const next = newSocket({ client, ...rest });
    expect(next.sent).toEqual([
      { type: "subscribe", workflow_id: "w", last: { epoch: "e1", revision: 4 } },
    ]);
    next.says(changedOf("w", 4, "missed"));
    expect(client.view("w")).toMatchObject({ phase: "stale", state: { title: "missed" } });
    next.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 5 });
    expect(client.view("w").phase).toBe("live");
  });

  it.each([
    ["snapshot", snapshotOf("w", 3)],
    ["resumed", { type: "resumed", workflow_id: "w", epoch: "e1", revision: 3 }],
  ])("a view is not live by an older %s, but once the server is as far", (_type, older) => {
    const fake = watching("w");
    fake.socket.says(snapshotOf("w", 5, { title: "newest" }));
    const next = newSocket(fake);
    next.says(older).says(changedOf("w", 3, "before"));
    const shown = { position: { revision: 5 }, state: { title: "newest" } };
    expect(fake.client.view("w")).toMatchObject({ phase: "stale", ...shown });
    next.says(changedOf("w", 4, "newest"));
    expect(fake.client.view("w")).toMatchObject({ phase: "live", ...shown });
    next.says(older);
    expect(fake.client.view("w")).toMatchObject({ phase: "live", ...shown });
    next.says(changedOf("w", 5, "newer"));
    expect(fake.client.view("w")).toMatchObject({ phase: "live", state: { title: "newer" } });
    expect(next.sentOf("subscribe")).toHaveLength(1);
  });

  it("a view is asked for where a server that was behind goes on past it", () => {
    const fake = watching("w");
    fake.socket.says(snapshotOf("w", 5));
    const next = newSocket(fake);
    next.says(snapshotOf("w", 3)).says(changedOf("w", 3, "both", { revision: 6 }));
    expect(fake.client.view("w").phase).toBe("stale");
    expect(next.sentOf("subscribe").at(-1)?.last).toEqual({ epoch: "e1", revision: 5 });
    next.says(snapshotOf("w", 6));
    expect(fake.client.view("w")).toMatchObject({ phase: "live", position: { revision: 6 } });
  });

  it("over a gap a view is asked for once, from its position, and is stale until the gap is closed", () => {
    const { client, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    socket.says(changedOf("w", 3, "x")).says(changedOf("w", 4, "y"));
    expect(socket.sentOf("subscribe").slice(1)).toEqual([
      { type: "subscribe", workflow_id: "w", last: { epoch: "e1", revision: 1 } },
    ]);
    expect(client.view("w")).toMatchObject({ phase: "stale", position: { revision: 1 } });
    socket.says(changedOf("w", 1, "a", { revision: 5 }));
    socket.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 5 });
    expect(client.view("w")).toMatchObject({ phase: "live", position: { revision: 5 } });
  });

  it("a whole state is asked for when a patch does not fit the view", () => {
    const { client, socket } = watching("w");
    socket.says(snapshotOf("w", 1));
    socket.says(changedOf("w", 1, "", { patch: [{ op: "remove", path: "/missing" }] }));
    expect(socket.sentOf("subscribe").at(-1)?.last).toBeNull();
    socket.says(snapshotOf("w", 2, { title: "whole" }));
    expect(client.view("w")).toMatchObject({ phase: "live", state: { title: "whole" } });
  });

  it("a whole state is asked for once where the server resumes a view that was never there", () => {
    const { client, socket, clock } = watching("w");
    for (let time = 0; time < 3; time++)
      socket.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 1 });
    expect(socket.sentOf("subscribe")).toHaveLength(2);
    clock.advance(15_000);
    socket.says({ type: "heartbeat" });
    clock.advance(15_000);
    expect(client.connection.phase).toBe("waiting");
  });

  it.each(["cleared", "expired", "unknown"])("closes as %s, with the last state kept", (reason) => {
    const { client, socket, clock, sockets } = watching("w");
    socket.says(snapshotOf("w", 1));
    socket.says({ type: "closed", workflow_id: "w", epoch: "e1", revision: 2, reason });
    expect(client.view("w")).toMatchObject({ phase: "closed", closed: reason });
    expect(client.view("w").state).not.toBeNull();
    socket.breaks();
    clock.advance(10_000);
    // Nothing more follows, so nothing more is asked.
    expect(sockets.newest.hello().sent).toEqual([]);
    expect(client.connection.phase).toBe("live");
  });

  it("a view that was closed is asked for again by a new listener", () => {
    const { client, socket } = watching("w");
    socket.says({
      type: "closed",
      workflow_id: "w",
      epoch: null,
      revision: null,
      reason: "unknown",
    });
    client.watch("w", () => {});
    expect(socket.sentOf("subscribe")).toHaveLength(2);
    socket.says(snapshotOf("w", 1));
    expect(client.view("w")).toMatchObject({ phase: "live", closed: null });
  });

  it("a view has one subscription for many listeners, ended with the last of them", () => {
    const { client, socket, stop } = watching("w");
    const stopOther = client.watch("w", () => {});
    expect(socket.sentOf("subscribe")).toHaveLength(1);
    stop();
    stop();
    expect(socket.sentOf("unsubscribe")).toHaveLength(0);
    stopOther();
    expect(socket.sentOf("unsubscribe")).toEqual([{ type: "unsubscribe", workflow_id: "w" }]);
  });

  it("a view goes on from where it was when it is watched again", () => {
    const { client, socket, stop } = watching("w");
    socket.says(snapshotOf("w", 1));
    stop();
    // Still on its way when we lost interest: not taken, for nobody says when these end.
    socket.says(changedOf("w", 1, "late"));
    expect(client.view("w")).toMatchObject({ phase: "stale", position: { revision: 1 } });
    client.watch("w", () => {});
    expect(socket.sentOf("subscribe").at(-1)?.last).toEqual({ epoch: "e1", revision: 1 });
  });

  it("of many views the one that nobody watches any more is forgotten", () => {
    const { client, socket, stop } = watching("w");
    socket.says(snapshotOf("w", 1));
    stop();
    for (let other = 0; other < 32; other++) client.watch(`other-${other}`, () => {})();
    expect(client.view("w").state).toBeNull();
  });

  it("reaches the other listeners although one throws", async () => {
    const { client, socket } = fakeClientWithThrower();
    socket.says(snapshotOf("w", 1));
    const errors = await caught(() => settled());
    expect(errors).toContain("a bug of the page");
    expect(client.told.at(-1)?.phase).toBe("live");
  });

  it("a view is asked for again after a refusal that may pass, and closed after one that does not", () => {
    const { client, socket, clock } = watching("w");
    const refused = { type: "refused", request_id: null, workflow_id: "w", message: "" };
    socket.says({ ...refused, code: "too_many", retry: true });
    expect(client.connection.phase).toBe("live");
    expect(client.view("w").phase).toBe("loading");
    clock.advance(5_000);
    expect(socket.sentOf("subscribe")).toHaveLength(2);
    socket.says({ ...refused, code: "bad_message", retry: false });
    expect(client.view("w").phase).toBe("closed");
  });
});

describe("current", () => {
  it('"current" shows whom it follows, and nobody', () => {
    const { client, socket } = watching("current");
    expect(socket.sent).toEqual([{ type: "subscribe", workflow_id: "current", last: null }]);
    expect(client.view("current").phase).toBe("loading");
    socket.says({ type: "current", workflow_id: null });
    expect(client.view("current")).toMatchObject({ phase: "live", workflow_id: null, state: null });
    socket.says({ type: "current", workflow_id: "w" });
    expect(client.view("current")).toMatchObject({ phase: "loading", workflow_id: "w" });
    socket.says(snapshotOf("w", 1)).says(changedOf("w", 1, "T"));
    expect(client.view("current")).toMatchObject({ phase: "live", state: { title: "T" } });
  });

  it("moves on to another, and leaves the frames of the former alone", () => {
    const { client, socket } = watching("current");
    socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 7));
    socket.says({ type: "current", workflow_id: "v" }).says(snapshotOf("v", 1));
    socket.says(changedOf("w", 7, "late"));
    expect(client.view("current")).toMatchObject({ workflow_id: "v", position: { revision: 1 } });
  });

  it('"current" that comes back to a workflow is live again only with its snapshot', () => {
    const { client, socket } = watching("current");
    client.watch("w", () => {})();
    socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 7));
    socket.says({ type: "current", workflow_id: "v" }).says(snapshotOf("v", 1));
    socket.says({ type: "current", workflow_id: "w" });
    expect(client.view("current").phase).toBe("stale");
    socket.says(snapshotOf("w", 9));
    expect(client.view("current")).toMatchObject({ phase: "live", position: { revision: 9 } });
  });

  it('"current" is closed with the one it follows, and then moves on', () => {
    const { client, socket } = watching("current");
    socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 7));
    socket.says({ type: "closed", workflow_id: "w", epoch: "e1", revision: 8, reason: "expired" });
    expect(client.view("current")).toMatchObject({ phase: "closed", closed: "expired" });
    socket.says({ type: "current", workflow_id: null });
    expect(client.view("current")).toMatchObject({ phase: "live", closed: null, state: null });
  });

  it('"current" is resumed with the position of the one it followed', () => {
    const fake = watching("current");
    fake.socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 7));
    const next = newSocket(fake);
    expect(next.sent).toEqual([
      { type: "subscribe", workflow_id: "current", last: { epoch: "e1", revision: 7 } },
    ]);
    next.says({ type: "current", workflow_id: "w" });
    expect(fake.client.view("current").phase).toBe("stale");
    next.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 7 });
    expect(fake.client.view("current").phase).toBe("live");
  });

  it("shares the mirror of a workflow that is also watched by its id", () => {
    const { client, socket } = watching("current");
    client.watch("w", () => {});
    socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 1));
    socket.says(changedOf("w", 1, "T"));
    expect(client.view("w").state).toBe(client.view("current").state);
    expect(client.view("w")).toMatchObject({ phase: "live", position: { revision: 2 } });
  });
});

describe("the list", () => {
  it("the list is a document like any other", () => {
    const { client, socket } = watching("*");
    const line = { workflow_id: "w", status: "running" };
    socket.says({
      type: "snapshot",
      workflow_id: "*",
      epoch: "process",
      revision: 0,
      state: { workflows: { e1: line } },
    });
    const patch = [{ op: "add", path: "/workflows/e2", value: { ...line, workflow_id: "v" } }];
    socket.says({
      type: "changed",
      workflow_id: "*",
      epoch: "process",
      base: 0,
      revision: 1,
      patch,
    });
    const { phase, state, list, workflow_id } = client.view("*");
    expect({ phase, state, workflow_id }).toEqual({
      phase: "live",
      state: null,
      workflow_id: null,
    });
    expect(Object.keys(list?.workflows ?? {})).toEqual(["e1", "e2"]);
  });
});

function fakeClientWithThrower() {
  const fake = fakeClient();
  const told: View[] = [];
  fake.client.watch("w", () => {
    throw new Error("a bug of the page");
  });
  fake.client.watch("w", (view) => told.push(view));
  return { client: { told }, socket: fake.sockets.newest.hello() };
}

/** What surfaces as uncaught while `run` runs: loud, as bugs are to be. */
async function caught(run: () => Promise<void>): Promise<string[]> {
  const errors: string[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error.message));
  try {
    await run();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
  return errors;
}
