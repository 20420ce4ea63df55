import { describe, expect, it } from "vitest";
import type { ClientOptions, LogAway, LogPiece, View } from "../../../client/index.js";
import type { ClientMessage } from "../../../shared/schema/clientMessages.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import {
  changedOf,
  type FakeClient,
  fakeClient,
  snapshotOf,
  stateOf,
} from "../../support/links/fakeClient.js";
import { problem } from "../../support/links/fakeFetch.js";
import { type FakeSocket, fakeSockets } from "../../support/links/fakeSockets.js";
import { FakeBrowser, type FakeTab } from "../../support/links/fakeWorker.js";

const HELLO = { named_followers: true };

interface Tab extends FakeClient {
  readonly tab: FakeTab;
  readonly views: View[];
  leave(): void;
}

/** Tabs of one browser: `shared` are the holder's sockets, each tab's own `sockets` its own. */
function browser() {
  const clock = manualClock();
  const shared = fakeSockets();
  const holder = new FakeBrowser(clock, (url, protocols) => new shared.WebSocket(url, protocols));
  const open = (options: ClientOptions = {}): Tab => {
    const tab = holder.tab();
    const leaving = new Set<() => void>();
    const fake = fakeClient({
      clock,
      openSharedWorker: tab.openSharedWorker,
      onLeaving: (run) => {
        leaving.add(run);
        return () => void leaving.delete(run);
      },
      ...options,
    });
    const views: View[] = [];
    return { ...fake, tab, views, leave: () => [...leaving].forEach((run) => void run()) };
  };
  return { clock, shared, holder, open };
}

/** Answers each ping, as a server does. */
const answering = (socket: FakeSocket): FakeSocket => {
  socket.reply = (message) =>
    message.type === "ping" ? { type: "pong", server_time: "2026-01-01T00:00:00.000Z" } : null;
  return socket;
};

const watch = ({ client, views }: Tab, subject = "w") =>
  client.watch(subject, (view) => views.push(view));

const asked = (socket: FakeSocket) =>
  socket.sent.filter(({ type }) => type !== "ping") as Exclude<ClientMessage, { type: "ping" }>[];

/** Two tabs that are live on "w" at revision 1. */
async function twoTabs() {
  const world = browser();
  const [one, other] = [world.open(), world.open()];
  watch(one);
  await settled();
  const socket = answering(world.shared.newest).hello(HELLO);
  await settled();
  socket.says(snapshotOf("w", 1));
  watch(other);
  await settled();
  return { ...world, one, other, socket };
}

/** Lets time pass in steps, with everything that comes of each. */
async function pass(clock: ManualClock, ms: number, stepMs = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await settled();
  }
}

const live = (revision: number) => ({ phase: "live", position: { epoch: "e1", revision } });

describe("tabs of one browser", () => {
  it("tabs of one browser have one socket, are each live, and ask the server once for what they share", async () => {
    const { one, other, shared, socket } = await twoTabs();
    expect(shared.all).toHaveLength(1);
    expect([...one.sockets.all, ...other.sockets.all]).toEqual([]);
    expect(asked(socket)).toEqual([{ type: "subscribe", workflow_id: "w", last: null }]);
    for (const { client } of [one, other]) {
      expect(client.connection).toMatchObject({ phase: "live", isShared: true });
      expect(client.view("w")).toMatchObject(live(1));
    }
    socket.says(changedOf("w", 1, "changed"));
    await settled();
    for (const { client } of [one, other])
      expect(client.view("w")).toMatchObject({ ...live(2), state: { title: "changed" } });
  });

  it("tabs of one browser with other tokens or at other mounts have other sockets", async () => {
    const { open, shared } = browser();
    for (const options of [{}, { token: "a" }, { token: "b" }, { url: "http://instep.test/other" }])
      watch(open(options));
    watch(open({ token: "a" }));
    await settled();
    expect(shared.all.map(({ url, protocols }) => [url, ...protocols])).toHaveLength(4);
  });

  it("tabs that come late hear the time as it is, that the disk refuses, and that the store cannot be followed", async () => {
    const { open, shared, clock } = browser();
    watch(open());
    await settled();
    const socket = shared.newest.hello({ ...HELLO, server_time: "2026-01-01T00:00:05.000Z" });
    socket.says({ type: "storage", status: "failing", reason: "disk_full" });
    socket.says({ type: "stale", since: "2026-01-01T00:00:04.000Z" });
    clock.advance(5_000);
    socket.reply = ({ type }) =>
      type === "ping" ? { type: "pong", server_time: "2026-01-01T00:00:10.000Z" } : null;
    const late = open();
    watch(late);
    await settled();
    expect(late.client.connection).toMatchObject({
      serverOffsetMs: 5_000,
      cannotSave: "disk_full",
      staleSince: Date.parse("2026-01-01T00:00:04.000Z"),
    });
  });

  it("tabs of one browser are not greeted by a dead link: it is given up for all, and opened anew", async () => {
    const { one, open, shared, socket, clock } = await twoTabs();
    socket.reply = null;
    const late = open();
    watch(late);
    await settled();
    expect(late.client.connection.phase).toBe("connecting");
    await pass(clock, 2_100);
    expect(one.client.connection.phase).toBe("waiting");
    await pass(clock, 300);
    expect(shared.all).toHaveLength(2);
    answering(shared.newest).hello(HELLO).says(snapshotOf("w", 1));
    await settled();
    shared.newest.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 1 });
    await settled();
    for (const { client } of [one, late]) expect(client.view("w").phase).toBe("live");
  });

  it("go on when one of them leaves, and the socket closes after the last one", async () => {
    const { one, other, socket, clock } = await twoTabs();
    one.leave();
    await settled();
    socket.says(changedOf("w", 1, "more"));
    await settled();
    expect(other.client.view("w")).toMatchObject(live(2));
    other.client.close();
    await settled();
    expect(asked(socket).at(-1)).toEqual({ type: "unsubscribe", workflow_id: "w" });
    expect(socket.closedWith).toBeUndefined();
    clock.advance(2_000);
    expect(socket.closedWith).toBe(1001);
    expect(clock.waiting).toBeLessThanOrEqual(10);
  });

  it("tabs of one browser come back when they are shown again after they were put away", async () => {
    const { one, socket, clock } = await twoTabs();
    one.leave();
    await settled();
    socket.says(changedOf("w", 1, "meanwhile"));
    expect(one.client.connection.phase).toBe("waiting");
    one.wake("wake");
    await pass(clock, 100);
    expect(one.client.view("w")).toMatchObject({ ...live(2), state: { title: "meanwhile" } });
    expect(one.client.connection.isShared).toBe(true);
  });

  it("tabs of one browser come back together as soon as one of them has reached the server", async () => {
    const { one, other, shared, socket, clock } = await twoTabs();
    socket.breaks(1012);
    await settled();
    for (const { client } of [one, other]) expect(client.connection.phase).toBe("waiting");
    clock.advance(250);
    await settled();
    expect(shared.all).toHaveLength(2);
    answering(shared.newest).hello({ ...HELLO, boot_id: "next" });
    await settled();
    expect(asked(shared.newest)).toEqual([
      { type: "subscribe", workflow_id: "w", last: { epoch: "e1", revision: 1 } },
    ]);
    shared.newest
      .says(changedOf("w", 1, "while away"))
      .says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 2 });
    await settled();
    for (const { client } of [one, other]) {
      expect(client.connection).toMatchObject({ phase: "live", bootId: "next" });
      expect(client.view("w")).toMatchObject({ ...live(2), state: { title: "while away" } });
    }
    expect(shared.all).toHaveLength(2);
  });

  it.each([4401, 4029, 4008, 1012])(
    "tabs of one browser are all closed with %i, and come back",
    async (code) => {
      const { one, other, socket } = await twoTabs();
      socket.breaks(code);
      await settled();
      for (const { client } of [one, other]) expect(client.connection.phase).toBe("waiting");
    },
  );

  it("all stop where the server says that nobody need come back", async () => {
    const { one, other, socket } = await twoTabs();
    socket.breaks(4500);
    await settled();
    for (const { client } of [one, other])
      expect(client.connection).toMatchObject({ phase: "stopped", why: "refused" });
  });

  it("only the tab that sent a frame that was too big is told so", async () => {
    const { one, other, socket } = await twoTabs();
    const outcome = other.client.propose({ kind: "save", state: stateOf("v") as never });
    outcome.catch(() => {});
    await settled();
    socket.breaks(1009);
    await expect(outcome).rejects.toMatchObject({ code: "too_large" });
    expect(one.client.connection.phase).toBe("waiting");
    expect(other.client.connection.phase).toBe("waiting");
  });

  it("tabs of one browser get the answers to their own proposals, whichever comes first", async () => {
    const { one, other, socket } = await twoTabs();
    const outcomes = [one, other].map(({ client }, i) =>
      client.propose({ kind: "clear", workflow_id: `w${i}` }, { requestId: `r${i}` }),
    );
    await settled();
    const answer = { epoch: "e1", revision: 9 };
    socket.says({ type: "accepted", request_id: "r1", workflow_id: "w1", ...answer });
    socket.says({
      type: "refused",
      request_id: "r0",
      code: "already_ended",
      message: "it ended",
      retry: false,
    });
    await expect(outcomes[1]).resolves.toMatchObject({ workflow_id: "w1" });
    await expect(outcomes[0]).rejects.toMatchObject({ code: "already_ended" });
  });

  it("tabs that drive a workflow do so on a socket of their own, which no other tab keeps alive", async () => {
    const { one, socket } = await twoTabs();
    const lease = one.client.lease("w", { driver: "tab" });
    expect(one.client.connection.phase).toBe("connecting");
    const own = one.sockets.newest.hello();
    expect(own.sentOf("propose").map(({ command }) => command.kind)).toEqual(["claim"]);
    const { request_id } = own.sentOf("propose")[0]!;
    own.says({
      type: "accepted",
      request_id,
      workflow_id: "w",
      epoch: "e1",
      revision: 1,
      token: 3,
      lease_ms: 30_000,
    });
    expect(await lease).toMatchObject({ token: 3 });
    own.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 1 });
    expect(one.client.connection).toMatchObject({ phase: "live", isShared: false });
    expect(socket.sentOf("propose")).toEqual([]);
  });

  it("tabs that claim a workflow by a command of their own are given a socket of their own for it", async () => {
    const { one, socket, clock } = await twoTabs();
    void one.client.propose({ kind: "claim", workflow_id: "w", driver: "d" }).catch(() => {});
    await pass(clock, 300);
    expect(socket.sentOf("propose")).toEqual([]);
    expect(one.sockets.newest.hello().sentOf("propose")).toHaveLength(1);
  });

  it("tabs that send without measure do it on a socket of their own, and the others stay", async () => {
    const { one, other, socket, clock } = await twoTabs();
    for (let i = 0; i < 400; i++)
      void one.client.propose({ kind: "clear", workflow_id: `w${i}` }).catch(() => {});
    await pass(clock, 300);
    expect(socket.sentOf("propose").length).toBeLessThanOrEqual(201);
    expect(one.sockets.newest.hello().sentOf("propose")).toHaveLength(400);
    expect(other.client.connection).toMatchObject({ phase: "live", isShared: true });
  });
});

describe("whichever workflow is current", () => {
  async function currentTabs() {
    const world = browser();
    const [follows, names] = [world.open(), world.open()];
    watch(follows, "current");
    watch(names, "v");
    await settled();
    const socket = answering(world.shared.newest).hello(HELLO);
    await settled();
    socket.says({ type: "current", workflow_id: "w" }).says(snapshotOf("w", 1));
    socket.says(snapshotOf("v", 4));
    await settled();
    return { ...world, follows, names, socket };
  }

  it("a tab shows the current workflow that its neighbour follows by its id: the server tells the socket nothing new", async () => {
    const { follows, names, socket } = await currentTabs();
    socket.says({ type: "current", workflow_id: "v" });
    await settled();
    expect(follows.client.view("current")).toMatchObject({ ...live(4), workflow_id: "v" });
    socket.says(changedOf("v", 4, "for both"));
    await settled();
    expect(follows.client.view("current")).toMatchObject(live(5));
    expect(names.client.view("v")).toMatchObject(live(5));
  });

  it("a workflow that is current no more stays with the tab that names it", async () => {
    const { follows, names, socket } = await currentTabs();
    socket.says({ type: "current", workflow_id: "v" });
    socket.says({ type: "current", workflow_id: null });
    socket.says(changedOf("v", 4, "only by id"));
    await settled();
    expect(follows.client.view("current")).toMatchObject({ phase: "live", state: null });
    expect(names.client.view("v")).toMatchObject(live(5));
  });

  it("a tab that comes late is told at once which workflow is current", async () => {
    const { open, socket } = await currentTabs();
    socket.says(changedOf("w", 1, "moved"));
    const late = open();
    watch(late, "current");
    await settled();
    expect(late.client.view("current")).toMatchObject({ ...live(2), state: { title: "moved" } });
    expect(socket.sentOf("subscribe")).toHaveLength(2);
  });
});

describe("a document that several tabs follow", () => {
  it("a document that several tabs follow is closed for all, and asked for anew by the tab that comes then", async () => {
    const { one, other, open, socket } = await twoTabs();
    socket.says({ type: "closed", workflow_id: "w", epoch: "e1", revision: 2, reason: "cleared" });
    await settled();
    for (const { client } of [one, other])
      expect(client.view("w")).toMatchObject({ phase: "closed", closed: "cleared" });
    const late = open();
    watch(late);
    await settled();
    expect(socket.sentOf("subscribe")).toHaveLength(2);
    socket.says({ ...snapshotOf("w", 1), epoch: "e2" });
    await settled();
    expect(late.client.view("w")).toMatchObject({ phase: "live", position: { epoch: "e2" } });
    // As with a socket of their own: after "closed" nothing more comes by id.
    expect(one.client.view("w")).toMatchObject({ phase: "closed" });
  });

  it("a document that several tabs follow that is damaged comes back to all of them once it is restored", async () => {
    const { one, other, socket } = await twoTabs();
    const nowhere = { epoch: null, revision: null };
    socket.says({ type: "closed", workflow_id: "w", ...nowhere, reason: "damaged" });
    await settled();
    expect(one.client.view("w")).toMatchObject({ phase: "closed", closed: "damaged" });
    socket.says({ ...snapshotOf("w", 1), epoch: "e2" });
    await settled();
    for (const { client } of [one, other])
      expect(client.view("w")).toMatchObject({ phase: "live", position: { epoch: "e2" } });
  });

  it("a document that several tabs follow shows a gap to each of them, and is asked for once", async () => {
    const { one, other, socket } = await twoTabs();
    socket.says(changedOf("w", 3, "too far"));
    await settled();
    for (const { client } of [one, other]) expect(client.view("w").phase).toBe("stale");
    expect(socket.sentOf("subscribe").slice(1)).toEqual([
      { type: "subscribe", workflow_id: "w", last: { epoch: "e1", revision: 1 } },
    ]);
    socket.says(changedOf("w", 1, "filled", { revision: 4 }));
    socket.says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 4 });
    await settled();
    for (const { client } of [one, other]) expect(client.view("w")).toMatchObject(live(4));
  });

  it("a document that several tabs follow that is refused is refused to who asked", async () => {
    const { one, other, socket } = await twoTabs();
    watch(other, "x");
    await settled();
    socket.says({
      type: "refused",
      request_id: null,
      workflow_id: "x",
      code: "forbidden",
      message: "not yours",
      retry: false,
    });
    await settled();
    expect(other.client.view("x")).toMatchObject({ phase: "closed", closed: "unknown" });
    expect(one.client.view("w").phase).toBe("live");
  });

  it("a tab that stood still is told of a document by one snapshot, and its queue is never filled", async () => {
    const { one, other, socket } = await twoTabs();
    other.tab.freeze();
    const title = "x".repeat(10_000);
    for (let revision = 1; revision < 400; revision++)
      socket.says(changedOf("w", revision, `${revision} ${title}`));
    await settled();
    expect(one.client.view("w")).toMatchObject(live(400));
    expect(other.tab.waiting.characters).toBeLessThan(400_000);
    other.tab.thaw();
    await settled();
    expect(other.client.view("w")).toMatchObject(live(400));
    expect(other.client.view("w").state).toEqual(one.client.view("w").state);
  });

  it("a document is not kept for a tab that stands still for a minute: the tab is cut off, and comes back", async () => {
    const { open, socket, clock } = await twoTabs();
    const itsClock = manualClock();
    const other = open({ clock: itsClock });
    watch(other);
    await settled();
    other.tab.freeze();
    for (let i = 0; i < 6; i++) {
      await pass(clock, 15_000, 250);
      socket.says({ type: "heartbeat" });
      await settled();
    }
    const { messages } = other.tab.waiting;
    for (let i = 0; i < 100; i++) socket.says({ type: "heartbeat" });
    await settled();
    expect(other.tab.waiting.messages).toBeLessThanOrEqual(messages + 1);
    socket.says(changedOf("w", 1, "meanwhile"));
    other.tab.thaw();
    itsClock.sleep(90_000);
    await pass(itsClock, 400);
    expect(other.client.view("w")).toMatchObject(live(2));
    expect(other.client.connection.isShared).toBe(true);
  });
});

describe("an output that several tabs follow", () => {
  const frame = (follower: string, from: number, text: string) => ({
    type: "log",
    workflow_id: "w",
    step: 0,
    attempt: 1,
    from,
    next: from + text.length,
    text,
    follower,
  });
  const follow = ({ client }: Tab, options = {}) => {
    const pieces: LogPiece[] = [];
    const stop = client.followLog("w", 0, options, { piece: (one) => pieces.push(one) });
    return { stop, text: () => pieces.map(({ text }) => text).join("") };
  };

  it("an output that several tabs follow comes to each from where it asked, and once", async () => {
    const { one, other, socket } = await twoTabs();
    const [first, second] = [follow(one), follow(other, { from: 4 })];
    await settled();
    const [a, b] = socket.sentOf("follow_log").map(({ follower }) => follower!);
    expect(a).not.toBe(b);
    socket
      .says(frame(a!, 0, "one two"))
      .says(frame(b!, 4, "two"))
      .says(frame(a!, 7, "!"));
    await settled();
    expect([first.text(), second.text()]).toEqual(["one two!", "two"]);
    first.stop();
    await settled();
    expect(socket.sentOf("unfollow_log")).toMatchObject([{ follower: a }]);
  });

  it("an output that several tabs follow is said to be on a node that is away to each tab that follows it there, and behind what came before", async () => {
    const { one, other, socket } = await twoTabs();
    const heard: (string | LogAway | null)[][] = [[], []];
    [one, other].forEach(({ client }, tab) => {
      client.followLog(
        "w",
        tab,
        {},
        {
          piece: ({ text }) => heard[tab]!.push(text),
          away: (away) => heard[tab]!.push(away),
        },
      );
    });
    await settled();
    const [a] = socket.sentOf("follow_log").map(({ follower }) => follower!);
    const since = "2026-01-02T09:41:07.000Z";
    const away = { type: "log_away", workflow_id: "w", step: 0, attempt: 1, node: "b", since };
    one.tab.freeze();
    const text = "x".repeat(60_000);
    for (let i = 0; i < 5; i++) socket.says(frame(a!, i * 60_000, text));
    socket.says({ ...away, follower: a }).says({ ...away, follower: "nobody" });
    await settled();
    one.tab.thaw();
    await settled();
    const absent = { node: "b", since: Date.parse(since) };
    expect(heard).toEqual([[text, text, text, text, text, absent], []]);
    socket.says({ ...away, since: null, follower: a });
    await settled();
    expect(heard[0]!.at(-1)).toBeNull();
  });

  it("an output waits for a tab that takes nothing, on the server and not in the browser, and goes on where it was", async () => {
    const { one, other, socket } = await twoTabs();
    const [fast, slow] = [follow(one), follow(other)];
    await settled();
    const [a, b] = socket.sentOf("follow_log").map(({ follower }) => follower!);
    other.tab.freeze();
    const text = "x".repeat(60_000);
    for (let i = 0; i < 60; i++) {
      socket.says(frame(a!, i * 60_000, text)).says(frame(b!, i * 60_000, text));
      await settled();
    }
    expect(fast.text()).toHaveLength(3_600_000);
    expect(other.tab.waiting.characters).toBeLessThan(150_000);
    expect(socket.sentOf("unfollow_log")).toMatchObject([{ follower: b }]);
    other.tab.thaw();
    await settled();
    const again = socket.sentOf("follow_log")[2]!;
    expect(again.attempt).toBe(1);
    // So much of it was kept for the tab, and no more.
    const kept = again.from!;
    expect(kept).toBeLessThan(2_500_000);
    expect(slow.text()).toHaveLength(kept);
    socket.says(frame(again.follower!, kept, "rest"));
    await settled();
    expect(slow.text()).toHaveLength(kept + 4);
    // It had asked for the newest attempt and those after it.
    const end = { type: "log_end", workflow_id: "w", step: 0, attempt: 1, next: kept + 4 };
    socket.says({ ...end, reason: "over", follower: again.follower });
    await settled();
    const newer = socket.sentOf("follow_log")[3]!;
    expect(newer).toMatchObject({ tail: 0 });
    socket.says({ ...frame(newer.follower!, 0, "second"), attempt: 2 });
    await settled();
    expect(slow.text().slice(-6)).toBe("second");
  });

  it("an output that several tabs follow that waits for a tab is overtaken by what is newer about a document", async () => {
    const { one, other, socket } = await twoTabs();
    follow(one);
    const heard: string[] = [];
    const listener = { piece: ({ text }: LogPiece) => heard.push(`output of ${text.length}`) };
    other.client.followLog("w", 0, {}, listener);
    other.client.watch("w", ({ state }) => heard.push(`state ${state?.title}`));
    await settled();
    heard.length = 0;
    const follower = socket.sentOf("follow_log")[1]!.follower!;
    other.tab.freeze();
    for (let i = 0; i < 5; i++) socket.says(frame(follower, i * 60_000, "x".repeat(60_000)));
    socket.says(changedOf("w", 1, "newer"));
    await settled();
    other.tab.thaw();
    await settled();
    const output = "output of 60000";
    expect(heard).toEqual([output, output, "state newer", output, output, output]);
  });

  it("an output that several tabs follow is followed on a socket of its own where the server knows no names", async () => {
    const world = browser();
    const one = world.open();
    follow(one);
    await settled();
    answering(world.shared.newest).hello();
    await pass(world.clock, 300);
    expect(one.sockets.newest.hello().sentOf("follow_log")).toHaveLength(1);
  });
});

describe("a holder that fails", () => {
  it("a holder that dies is noticed within a second, and the tabs go on with another, none twice", async () => {
    const { one, other, holder, shared, clock } = await twoTabs();
    holder.kill();
    await pass(clock, 1_000);
    for (const { client } of [one, other]) expect(client.connection.phase).not.toBe("live");
    expect(holder.holders).toBe(2);
    expect(shared.all).toHaveLength(2);
    answering(shared.newest).hello(HELLO);
    await settled();
    expect(asked(shared.newest)).toHaveLength(1);
    shared.newest.says(snapshotOf("w", 2));
    await settled();
    for (const { client } of [one, other]) {
      expect(client.view("w")).toMatchObject(live(2));
      expect(client.connection.isShared).toBe(true);
    }
    expect(one.sockets.all).toEqual([]);
  });

  it("a holder that is stuck is left within a second, for a socket of each tab's own", async () => {
    const { one, other, holder, clock } = await twoTabs();
    holder.stick();
    await pass(clock, 1_000);
    for (const { client } of [one, other]) expect(client.connection.phase).not.toBe("live");
    await pass(clock, 400);
    for (const { client, sockets } of [one, other]) {
      sockets.newest.hello().says({ type: "resumed", workflow_id: "w", epoch: "e1", revision: 1 });
      expect(client.connection).toMatchObject({ phase: "live", isShared: false });
    }
  });

  it("a tab that was busy itself does not suspect the holder", async () => {
    const { one, clock, socket } = await twoTabs();
    clock.sleep(5_000);
    await settled();
    await pass(clock, 1_000);
    expect(one.client.connection).toMatchObject({ phase: "live", isShared: true });
    socket.says(changedOf("w", 1, "on"));
    await settled();
    expect(one.client.view("w")).toMatchObject(live(2));
  });

  it("a holder that fails that never says a word is waited for one second", async () => {
    const { open, holder, clock } = browser();
    holder.stick();
    const tab = open();
    watch(tab);
    await pass(clock, 950);
    expect(tab.sockets.all).toEqual([]);
    await pass(clock, 50);
    tab.sockets.newest.hello().says(snapshotOf("w", 1));
    expect(tab.client.connection).toMatchObject({ phase: "live", isShared: false });
  });

  it("a holder that fails whose script cannot be loaded is not waited for", async () => {
    const { open, holder } = browser();
    holder.stick();
    const tab = open();
    watch(tab);
    tab.tab.fail();
    tab.sockets.newest.hello().says(snapshotOf("w", 1));
    expect(tab.client.connection).toMatchObject({ phase: "live", isShared: false });
  });

  it("a holder that fails that the browser forbids is done without", () => {
    const tab = browser().open({
      openSharedWorker: () => {
        throw new DOMException("denied", "SecurityError");
      },
    });
    watch(tab);
    tab.sockets.newest.hello().says(snapshotOf("w", 1));
    expect(tab.client.connection).toMatchObject({ phase: "live", isShared: false });
  });

  it("a holder leaves it to each tab to judge a server that is away", async () => {
    const { open, shared, clock } = browser();
    const tab = open();
    watch(tab);
    await settled();
    tab.http.answer = () => problem(401, "unauthorized");
    shared.newest.breaks();
    await pass(clock, 100);
    expect(tab.client.connection).toMatchObject({ phase: "stopped", why: "unauthorized" });
  });
});
