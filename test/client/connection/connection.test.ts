import { describe, expect, it } from "vitest";
import { settled } from "../../support/clocks/settled.js";
import { fakeClient, snapshotOf } from "../../support/links/fakeClient.js";

const watchNothing = () => {};

const heartbeat = (serverTime: number) => ({
  type: "heartbeat",
  server_time: new Date(serverTime).toISOString(),
});

/** A client that watches "w" and is live. */
function live() {
  const fake = fakeClient();
  fake.client.watch("w", watchNothing);
  fake.sockets.newest.hello().says(snapshotOf("w", 1));
  return fake;
}

describe("the connection", () => {
  it("the connection is not opened before something is watched", () => {
    const { client, sockets, clock } = fakeClient();
    client.view("w");
    client.onConnection(watchNothing);
    expect(sockets.all).toEqual([]);
    expect(client.connection.phase).toBe("idle");
    expect(clock.waiting).toBe(0);
  });

  it("the connection asks under the mount, with the token as a subprotocol", () => {
    const { client, sockets } = fakeClient({ url: "https://host/in/step", token: "säcret?>" });
    client.watch("w", watchNothing);
    expect(sockets.newest.url).toBe("wss://host/in/step/workflow/live");
    expect(sockets.newest.protocols).toEqual([
      "instep.v1",
      "instep.merge",
      "instep.bearer.c8OkY3JldD8-",
    ]);
  });

  it("the connection is live when every subscription is answered, and says so in a microtask", async () => {
    const { client, sockets } = fakeClient();
    const phases: string[] = [];
    client.onConnection(({ phase }) => phases.push(phase));
    client.watch("w", watchNothing);
    client.watch("current", watchNothing);
    sockets.newest.hello({ server_time: "2026-01-01T01:00:00.000Z", can: ["watch"] });
    sockets.newest.says(snapshotOf("w", 1));
    expect(client.connection.phase).toBe("connecting");
    sockets.newest.says({ type: "current", workflow_id: null });
    expect(client.connection).toMatchObject({
      phase: "live",
      can: ["watch"],
      bootId: "boot",
      serverOffsetMs: 3_600_000,
    });
    await settled();
    expect(phases.at(-1)).toBe("live");
  });

  it("the connection keeps the same view until it changes", () => {
    const { client, sockets } = live();
    const { connection } = client;
    sockets.newest.says({ type: "pong" });
    expect(client.connection).toBe(connection);
  });

  it("the connection does not hear late frames of a socket that was replaced", () => {
    const { client, sockets, clock } = live();
    const old = sockets.newest;
    clock.advance(23_000 + 2_000 + 250);
    expect(old.closedWith).toBe(4000);
    expect(old.listeners).toBe(0);
    old.says(snapshotOf("w", 99));
    expect(client.view("w").position?.revision).toBe(1);
  });

  it("doubts a socket that is silent for too long, and replaces it when no answer comes", () => {
    const { client, sockets, clock } = live();
    clock.advance(22_999);
    expect(sockets.newest.sentOf("ping")).toHaveLength(0);
    clock.advance(1);
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    clock.advance(1_999);
    expect(client.connection.phase).toBe("live");
    clock.advance(1);
    expect(client.connection.phase).toBe("waiting");
    expect(client.view("w").phase).toBe("stale");
  });

  it.each([
    ["back", -3_600_000],
    ["on", 3_600_000],
  ])(
    "looks at once whether the socket lives where the clock is set %s, or the machine slept",
    (_, by) => {
      const { client, sockets, clock } = live();
      clock.advance(2_000);
      clock.setWall(clock.now() + by);
      clock.advance(2_000);
      expect(sockets.newest.sentOf("ping")).toHaveLength(1);
      clock.advance(2_000);
      expect(client.connection.phase).toBe("waiting");
      expect(client.view("w").phase).toBe("stale");
    },
  );

  it.each([
    ["back", -3_600_000],
    ["on", 3_600_000],
  ])("is silent for as long as before where the clock was set %s", (_, by) => {
    const { sockets, clock } = live();
    clock.setWall(clock.now() + by);
    clock.advance(2_000);
    sockets.newest.says({ type: "pong" });
    clock.advance(22_999);
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    clock.advance(1);
    expect(sockets.newest.sentOf("ping")).toHaveLength(2);
  });

  it("the connection looks at once after the process stood still", () => {
    const { client, sockets, clock } = live();
    clock.sleep(20_000);
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    sockets.newest.says({ type: "pong" });
    clock.advance(20_000);
    expect(client.connection.phase).toBe("live");
  });

  it("tries again at once after the machine slept", () => {
    const { sockets, clock } = live();
    sockets.newest.breaks();
    clock.advance(1);
    clock.setWall(clock.now() + 3_600_000);
    const before = sockets.all.length;
    clock.advance(2_000);
    expect(sockets.all.length).toBeGreaterThan(before);
  });

  it("knows the server's time again with the next heartbeat after its own clock was set back", () => {
    const { client, sockets, clock } = live();
    const serverTime = clock.now();
    clock.setWall(clock.now() - 3_600_000);
    sockets.newest.says(heartbeat(serverTime));
    expect(client.connection.serverOffsetMs).toBe(3_600_000);
  });

  it("the connection asks where a heartbeat looks late, and believes the answer about the time", () => {
    const { client, sockets, clock } = live();
    const serverTime = clock.now();
    clock.setWall(clock.now() + 3_600_000);
    sockets.newest.says(heartbeat(serverTime));
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    expect(client.connection.serverOffsetMs).toBe(0);
    clock.advance(40);
    sockets.newest.says({ type: "pong", server_time: new Date(serverTime + 20).toISOString() });
    expect(client.connection.serverOffsetMs).toBe(-3_600_020);
  });

  it("the connection takes nothing that was late on its way for a clock that is wrong", () => {
    const { client, sockets, clock } = live();
    const sentAt = clock.now();
    clock.advance(5_000);
    // A slow link: both the heartbeat and the answer waited behind other things.
    sockets.newest.says(heartbeat(sentAt));
    clock.advance(1_900);
    sockets.newest.says({ type: "pong", server_time: new Date(clock.now() - 1_900).toISOString() });
    expect(client.connection).toMatchObject({ phase: "live", serverOffsetMs: 0 });
  });

  it("lives with a server that tells no time in its heartbeats", () => {
    const { client, sockets } = live();
    const { serverOffsetMs } = client.connection;
    sockets.newest.says({ type: "heartbeat" }).says({ type: "pong" });
    expect(client.connection).toMatchObject({ phase: "live", serverOffsetMs });
  });

  it("the connection keeps a socket that gives any sign of life", () => {
    const { sockets, clock } = live();
    for (let beat = 0; beat < 10; beat++) {
      clock.advance(15_000);
      sockets.newest.says({ type: "heartbeat" });
    }
    clock.advance(23_000);
    sockets.newest.says({ type: "of tomorrow" });
    clock.advance(22_000);
    expect(sockets.all).toHaveLength(1);
  });

  it("a wake-up makes the connection look whether its socket lives, and asking twice gives a dead one no more time", () => {
    const { client, sockets, clock, wake } = live();
    wake("wake");
    clock.advance(1_500);
    wake("online");
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    clock.advance(500);
    expect(client.connection.phase).toBe("waiting");
  });

  it("frames that were on their way do not deceive a connection whose network went, and a slow answer may follow them", () => {
    const { client, sockets, clock, wake } = live();
    wake("offline");
    for (let late = 0; late < 3; late++) {
      clock.advance(1_500);
      sockets.newest.says({ type: "heartbeat" });
    }
    clock.advance(1_999);
    expect(client.connection.phase).toBe("live");
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    clock.advance(1);
    expect(client.connection.phase).toBe("offline");
  });

  it("trusts a socket again that has answered", () => {
    const { client, sockets, clock, wake } = live();
    wake("offline");
    sockets.newest.says({ type: "pong" });
    clock.advance(22_999);
    expect(client.connection.phase).toBe("live");
    expect(sockets.newest.sentOf("ping")).toHaveLength(1);
    wake("offline");
    clock.advance(2_000);
    expect(client.connection.phase).toBe("offline");
  });

  it("the connection comes back at once on waking, without waiting for the backoff", () => {
    const { sockets, wake } = live();
    sockets.newest.breaks();
    wake("online");
    expect(sockets.all).toHaveLength(2);
  });

  it("the connection says offline where the browser does, and when it tries next", () => {
    const { client, sockets, clock, wake } = live();
    sockets.newest.breaks();
    wake("offline");
    expect(client.connection).toMatchObject({ phase: "offline", retryAt: clock.now() + 10_000 });
    clock.advance(10_000);
    expect(sockets.all).toHaveLength(2);
  });

  it.each([
    ["a frame that is not JSON", "nonsense"],
    ["a frame that is not as promised", { type: "snapshot", workflow_id: "w" }],
    ["a second hello", undefined],
  ])("takes %s for a broken link", (_, frame) => {
    const { client, sockets } = live();
    if (frame === undefined) sockets.newest.hello();
    else sockets.newest.says(frame);
    expect(sockets.newest.closedWith).toBe(4000);
    expect(client.connection.phase).toBe("waiting");
    expect(client.view("w").position?.revision).toBe(1);
  });

  it("the connection takes any first frame but hello for a broken link", () => {
    const { client, sockets } = fakeClient();
    client.watch("w", watchNothing);
    sockets.newest.says(snapshotOf("w", 1));
    expect(sockets.newest.closedWith).toBe(4000);
    expect(client.view("w").state).toBeNull();
  });

  it("the connection stops before a server of another protocol version", () => {
    const { client, sockets } = fakeClient();
    client.watch("w", watchNothing);
    sockets.newest.hello({ protocol: 2 });
    expect(client.connection).toMatchObject({ phase: "stopped", why: "version" });
  });

  it("the connection gives up a socket that never says hello", () => {
    const { client, sockets, clock } = fakeClient();
    client.watch("w", watchNothing);
    clock.advance(8_000);
    expect(sockets.newest.closedWith).toBe(4000);
    expect(client.connection.phase).toBe("waiting");
  });

  it("the connection is kept for a moment when nobody needs it any more, and then closed", () => {
    const { client, sockets, clock } = fakeClient();
    const stop = client.watch("w", watchNothing);
    sockets.newest.hello().says(snapshotOf("w", 1));
    stop();
    clock.advance(1_000);
    const stopAgain = client.watch("v", watchNothing);
    clock.advance(5_000);
    expect(sockets.all).toHaveLength(1);
    expect(sockets.newest.closedWith).toBeUndefined();
    stopAgain();
    clock.advance(2_000);
    expect(sockets.newest.closedWith).toBe(1000);
    expect(client.connection.phase).toBe("idle");
    expect(clock.waiting).toBe(0);
  });

  it("tries again when the user says so, at once", () => {
    const { client, sockets } = live();
    sockets.newest.breaks(1008);
    expect(client.connection).toMatchObject({ phase: "stopped", why: "refused" });
    client.retryNow();
    expect(sockets.all).toHaveLength(2);
    expect(client.connection.phase).toBe("connecting");
  });

  it.each(["live", "connecting", "waiting"])(
    "leaves nothing behind when the client is closed while %s",
    (phase) => {
      const fake = fakeClient();
      const { client, sockets, clock } = fake;
      client.watch("w", watchNothing);
      if (phase !== "connecting") sockets.newest.hello().says(snapshotOf("w", 1));
      if (phase === "waiting") sockets.newest.breaks();
      expect(client.connection.phase).toBe(phase);
      client.close();
      expect(clock.waiting).toBe(0);
      expect(fake.wakeListeners).toBe(0);
      expect(sockets.newest.listeners).toBe(0);
      if (phase !== "waiting") expect(sockets.newest.closedWith).toBe(1000);
      client.retryNow();
      expect(sockets.all).toHaveLength(1);
      expect(client.connection).toMatchObject({ phase: "stopped", why: "asked" });
    },
  );
});

describe("a server of a cluster", () => {
  it("its name is in view, and since when it cannot follow its store, until it follows again or a new hello", () => {
    const fake = fakeClient();
    const { client, sockets, clock } = fake;
    client.watch("w", watchNothing);
    sockets.newest.hello({ node: "one" }).says(snapshotOf("w", 1));
    expect(client.connection).toMatchObject({ phase: "live", node: "one", staleSince: null });
    sockets.newest.says({ type: "stale", since: "2026-01-01T00:00:03.000Z" });
    const staleSince = Date.parse("2026-01-01T00:00:03.000Z");
    expect(client.connection).toMatchObject({ phase: "live", staleSince });
    sockets.newest.says({ type: "stale", since: null });
    expect(client.connection.staleSince).toBe(null);
    sockets.newest.says({ type: "stale", since: "2026-01-01T00:00:03.000Z" });
    sockets.newest.breaks(1001);
    expect(client.connection.staleSince).toBe(staleSince);
    clock.advance(10_000);
    sockets.newest.hello();
    expect(client.connection).toMatchObject({ node: null, staleSince: null });
  });

  it("a since that is no time breaks the link, as no part of such a frame can be relied on", () => {
    const { client, sockets } = live();
    sockets.newest.says({ type: "stale", since: "yesterday" });
    expect(client.connection.phase).not.toBe("live");
  });
});

describe("a server that cannot save", () => {
  it("a server that cannot save is in view from its frame on, until it saves again or a new hello", () => {
    const { client, sockets, clock } = live();
    sockets.newest.says({ type: "storage", status: "failing", reason: "disk_full" });
    expect(client.connection).toMatchObject({ phase: "live", cannotSave: "disk_full" });
    sockets.newest.says({ type: "storage", status: "ok" });
    expect(client.connection.cannotSave).toBe(null);
    sockets.newest.says({ type: "storage", status: "failing", reason: "of a later protocol" });
    expect(client.connection.cannotSave).toBe("disk_fails");
    sockets.newest.breaks(1001);
    clock.advance(10_000);
    sockets.newest.hello();
    expect(client.connection.cannotSave).toBe(null);
  });
});
