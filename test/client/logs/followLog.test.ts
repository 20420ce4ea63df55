import { describe, expect, it } from "vitest";
import type { FollowLogOptions, LogAway, LogEnd, LogPiece } from "../../../client/index.js";
import { settled } from "../../support/clocks/settled.js";
import {
  changedOf,
  type FakeClient,
  fakeClient,
  snapshotOf,
  stateOf,
} from "../../support/links/fakeClient.js";
import { type FakeAnswer, type FakeCall, problem } from "../../support/links/fakeFetch.js";

const place = { workflow_id: "w", step: 0 };

const piece = (from: number, text: string, more: object = {}) => ({
  type: "log",
  ...place,
  attempt: 1,
  from,
  next: from + new TextEncoder().encode(text).length,
  text,
  ...more,
});
const end = (next: number | null, more: object = {}) => ({
  type: "log_end",
  ...place,
  attempt: 1,
  next,
  reason: "over",
  ...more,
});

function listen(fake: FakeClient, options: FollowLogOptions = {}, step = 0) {
  const pieces: LogPiece[] = [];
  const ends: LogEnd[] = [];
  const aways: (LogAway | null)[] = [];
  const stop = fake.client.followLog("w", step, options, {
    piece: (one) => pieces.push(one),
    end: (one) => ends.push(one),
    away: (one) => aways.push(one),
  });
  const text = () => pieces.map((one) => one.text).join("");
  return { pieces, ends, aways, stop, text };
}

function following(options: FollowLogOptions = {}) {
  const fake = fakeClient();
  const heard = listen(fake, options);
  const socket = fake.sockets.newest.hello();
  return { ...fake, ...heard, socket };
}

function newSocket({ sockets, clock }: FakeClient) {
  sockets.newest.breaks();
  clock.advance(10_000);
  return sockets.newest.hello();
}

describe("a followed log", () => {
  it("a followed log is asked for as it was wanted", () => {
    expect(following().socket.sent).toEqual([{ type: "follow_log", ...place }]);
    expect(following({ attempt: 2, tail: 9 }).socket.sent).toEqual([
      { type: "follow_log", ...place, attempt: 2, tail: 9 },
    ]);
  });

  it("a followed log goes on behind a place, and with newer attempts", () => {
    const { socket, text, ends } = following({ after: { attempt: 1, next: 3 }, epoch: "e" });
    const asked = { type: "follow_log", ...place, epoch: "e" };
    expect(socket.sent).toEqual([{ ...asked, attempt: 1, from: 3 }]);
    socket.says(piece(3, "de")).says(end(5));
    expect([text(), ends.length]).toEqual(["de", 1]);
    expect(socket.sent.at(-1)).toEqual({ ...asked, tail: 0 });
    socket.says(piece(0, "new", { attempt: 2 }));
    expect(text()).toBe("denew");
  });

  describe("a followed log whose node is away", () => {
    const since = "2026-01-02T09:41:07.000Z";
    const away = (at: string | null, more: object = {}) => ({
      ...{ type: "log_away", ...place, attempt: 1, node: "b" },
      ...{ since: at, ...more },
    });
    const absent = { node: "b", since: Date.parse(since) };

    it("a followed log whose node is away says so once, and once that it is back, before what it printed meanwhile", () => {
      const { socket, aways, text } = following();
      socket.says(piece(0, "one")).says(away(since)).says(away(since));
      expect(aways).toEqual([absent]);
      socket.says(away(null)).says(piece(3, "two"));
      expect(aways).toEqual([absent, null]);
      expect(text()).toBe("onetwo");
    });

    it("a followed log does not say of an attempt that is not wanted that its node is away, and takes output or an end for a sign of life", () => {
      const { socket, aways } = following({ attempt: 2 });
      socket.says(away(since));
      expect(aways).toEqual([]);
      const second = { attempt: 2 };
      socket.says(away(since, second)).says(piece(0, "one", second));
      socket.says(away(since, second)).says(end(3, second));
      expect(aways).toEqual([absent, null, absent, null]);
    });

    it("a followed log is not said to be on a node that is away once there is a new link, until that says it", () => {
      const fake = following();
      fake.socket.says(away(since));
      const socket = newSocket(fake);
      expect(fake.aways).toEqual([absent, null]);
      socket.says(away(since));
      expect(fake.aways).toEqual([absent, null, absent]);
    });

    it("a followed log that was stopped says no more that its node is away", () => {
      const { socket, aways, stop } = following();
      stop();
      socket.says(away(since));
      expect(aways).toEqual([]);
    });
  });

  it("brings pieces in order, with what was skipped", () => {
    const { socket, pieces, ends } = following();
    socket
      .says(piece(0, "one\n"))
      .says(piece(104, "two\n", { skipped: 100 }))
      .says(end(108));
    expect(pieces).toEqual([
      { attempt: 1, from: 0, next: 4, text: "one\n", skipped: 0 },
      { attempt: 1, from: 104, next: 108, text: "two\n", skipped: 100 },
    ]);
    expect(ends).toEqual([{ reason: "over", attempt: 1, next: 108 }]);
  });

  it("a followed log goes on after a break from the byte that comes next, and tells an end once", () => {
    const fake = following();
    fake.socket.says(piece(0, "é1\n")).says(end(4));
    const next = newSocket(fake);
    expect(next.sentOf("follow_log")).toEqual([
      { type: "follow_log", ...place, attempt: 1, from: 4 },
    ]);
    next.says(end(4)).says(piece(4, "late\n")).says(end(9));
    expect(fake.text()).toBe("é1\nlate\n");
    expect(fake.ends.map((one) => one.next)).toEqual([4, 9]);
  });

  it("a followed log goes on from where the server is, should a power cut have taken bytes that the client knew", () => {
    const fake = following();
    fake.socket.says(piece(0, "kept, lost"));
    newSocket(fake).says(piece(4, " and new")).says(piece(12, "."));
    expect(fake.pieces.map(({ from, text }) => [from, text])).toEqual([
      [0, "kept, lost"],
      [4, " and new"],
      [12, "."],
    ]);
  });

  it("a followed log takes no byte twice and misses none, whatever an old answer still brings", () => {
    const { socket, text, pieces } = following();
    socket.says(piece(0, "abc")).says(piece(0, "abc")).says(piece(1, "b"));
    // A hole: asked again from where it begins, and what does not fit meanwhile is left lying.
    socket.says(piece(6, "ghi")).says(piece(9, "jkl"));
    expect(socket.sentOf("follow_log").slice(1)).toEqual([
      { type: "follow_log", ...place, attempt: 1, from: 3 },
    ]);
    socket.says(piece(3, "def")).says(piece(6, "ghi")).says(piece(9, "jkl"));
    expect(text()).toBe("abcdefghijkl");
    expect(pieces).toHaveLength(4);
  });

  it("hears of newer attempts, each from its first byte", () => {
    const { socket, pieces } = following();
    socket.says(piece(0, "one")).says(end(3));
    socket.says(piece(0, "two", { attempt: 2 })).says(piece(3, "late", { attempt: 1 }));
    expect(pieces.map(({ attempt, text }) => [attempt, text])).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
  });

  it("hears of newer attempts after a break as well", () => {
    const fake = following();
    fake.socket.says(piece(0, "one"));
    const next = newSocket(fake).says(end(3));
    expect(next.sentOf("follow_log").at(-1)).toEqual({ type: "follow_log", ...place, tail: 0 });
    // The server is in the middle of the second attempt already.
    next.says(piece(5, "late", { attempt: 2 }));
    expect(next.sentOf("follow_log").at(-1)).toEqual({
      type: "follow_log",
      ...place,
      attempt: 2,
      from: 0,
    });
    next.says(piece(9, "stray", { attempt: 2 })).says(piece(0, "early", { attempt: 2 }));
    next.says(piece(5, "late", { attempt: 2 }));
    expect(fake.text()).toBe("oneearlylate");
  });

  it("a followed log stays with the attempt it was told to", () => {
    const { socket, text, ends } = following({ attempt: 1 });
    socket
      .says(piece(0, "one"))
      .says(piece(0, "two", { attempt: 2 }))
      .says(end(3));
    expect(text()).toBe("one");
    expect(ends).toHaveLength(1);
    expect(socket.sentOf("follow_log")).toHaveLength(1);
  });

  it.each(["cleared", "unknown"] as const)("is done once it is %s", (reason) => {
    const fake = following();
    fake.socket.says(end(null, { attempt: null, reason }));
    expect(fake.ends).toEqual([{ reason, attempt: null, next: null }]);
    fake.clock.advance(60_000);
    expect(fake.sockets.all).toHaveLength(1);
    expect(fake.clock.waiting).toBe(0);
  });

  it("a followed log leaves nothing behind when it is stopped", () => {
    const fake = following();
    fake.stop();
    expect(fake.socket.sent.at(-1)).toEqual({ type: "unfollow_log", ...place });
    fake.socket.says(piece(0, "late"));
    expect(fake.pieces).toEqual([]);
    fake.clock.advance(60_000);
    expect(fake.clock.waiting).toBe(0);
    expect(fake.socket.listeners).toBe(0);
  });

  it("a followed log lets a listener's bug surface, and goes on", async () => {
    const fake = fakeClient();
    const told: string[] = [];
    fake.client.followLog("w", 0, {}, { piece: ({ text }) => told.push(text) });
    const socket = fake.sockets.newest.hello();
    socket.says(piece(0, "a")).says(piece(1, "b"));
    expect(told).toEqual(["a", "b"]);
  });

  it("a followed log is asked for again after a refusal for speed", () => {
    const { socket, clock } = following();
    const refused = { type: "refused", request_id: null, message: "", retry: true };
    socket.says({ ...refused, code: "too_many" });
    clock.advance(5_000);
    expect(socket.sentOf("follow_log")).toHaveLength(2);
  });
});

/** The REST door with one output in it, by offsets; `leftOut` stands where the head ends. */
function restLog(output: () => Uint8Array, more: { status?: string; attempt?: number } = {}) {
  return (call: FakeCall): FakeAnswer => {
    const url = new URL(call.path, "http://x");
    if (url.pathname.endsWith("/log")) {
      const from = Number(url.searchParams.get("from") ?? 0);
      const bytes = output();
      return {
        body: bytes.slice(from),
        headers: {
          "Instep-Log-Attempt": String(more.attempt ?? 1),
          "Instep-Log-From": String(from),
          "Instep-Log-Next": String(bytes.length),
        },
      };
    }
    const steps = [{ action: "a", status: more.status ?? "in_progress", index: 0 }];
    return url.pathname.endsWith("summary")
      ? { body: { success: true, summary: {} } }
      : {
          body: {
            success: true,
            active: true,
            state: stateOf("w", { steps }),
            epoch: "e",
            revision: 1,
          },
        };
  };
}

async function polling(fake: FakeClient) {
  fake.sockets.newest.breaks();
  await settled();
  fake.clock.advance(250);
  fake.sockets.newest.breaks();
  await settled();
  expect(fake.client.connection.phase).toBe("polling");
}

describe("where WebSockets are blocked, a followed log", () => {
  it("where WebSockets are blocked, a followed log is read every two seconds, each byte once, and no character is cut", async () => {
    const all = new TextEncoder().encode("\ufeffä€😀 end\n");
    let there = 0;
    const status = { status: "in_progress" };
    const fake = fakeClient();
    fake.http.answer = (call) => restLog(() => all.slice(0, there), status)(call);
    const { pieces, ends, text } = listen(fake);
    await polling(fake);
    for (; there <= all.length; there++) {
      fake.clock.advance(2_000);
      await settled();
    }
    expect(text()).toBe("\ufeffä€😀 end\n");
    for (const [index, one] of pieces.entries()) {
      expect(one.from).toBe(pieces[index - 1]?.next ?? 0);
    }
    expect(ends).toEqual([]);
    status.status = "completed";
    fake.clock.advance(2_000);
    await settled();
    expect(ends).toEqual([{ reason: "over", attempt: 1, next: all.length }]);
  });

  it("where WebSockets are blocked, a followed log shows half a character only when nothing more can come", async () => {
    const fake = fakeClient();
    const status = { status: "in_progress" };
    fake.http.answer = (call) => restLog(() => new Uint8Array([97, 0xe2, 0x82]), status)(call);
    const { text } = listen(fake);
    await polling(fake);
    expect(text()).toBe("a");
    status.status = "failed";
    fake.clock.advance(2_000);
    await settled();
    expect(text()).toBe("a\ufffd");
  });

  it("where WebSockets are blocked, a followed log tells what was left out, by the line that makes the sum come out", async () => {
    const fake = fakeClient();
    const body = "head [instep: 5 bytes left out]\n[instep: 1000 bytes left out]\ntail\n";
    const line = "\n[instep: 1000 bytes left out]\n";
    const next = body.length - line.length + 1_000;
    const rest = restLog(() => new Uint8Array());
    fake.http.answer = (call) =>
      call.path.includes("/log")
        ? {
            body: call.path.includes("from=") ? "" : body,
            headers: {
              "Instep-Log-Attempt": "1",
              "Instep-Log-From": call.path.includes("from=") ? String(next) : "0",
              "Instep-Log-Next": String(next),
            },
          }
        : rest(call);
    const { pieces } = listen(fake);
    await polling(fake);
    expect(pieces.map(({ text, skipped }) => [text, skipped])).toEqual([
      ["head [instep: 5 bytes left out]", 0],
      ["tail\n", 1_000],
    ]);
    expect(pieces.at(-1)).toMatchObject({ next });
  });

  it("moves to the socket when there is one, from the byte that comes next", async () => {
    const fake = fakeClient();
    fake.http.answer = restLog(() => new TextEncoder().encode("one\n"));
    const { text } = listen(fake);
    await polling(fake);
    expect(text()).toBe("one\n");
    fake.clock.advance(1_000);
    const socket = fake.sockets.newest.hello();
    expect(socket.sentOf("follow_log")).toEqual([
      { type: "follow_log", ...place, attempt: 1, from: 4 },
    ]);
    const before = fake.http.calls.length;
    socket.says(piece(4, "two\n"));
    fake.clock.advance(10_000);
    await settled();
    expect(fake.http.calls.length).toBe(before);
    expect(text()).toBe("one\ntwo\n");
  });

  it.each(["unknown_workflow", "unknown_step"])("is unknown after %s", async (code) => {
    const fake = fakeClient();
    const rest = restLog(() => new Uint8Array());
    fake.http.answer = (call) => (call.path.includes("/log") ? problem(404, code) : rest(call));
    const { ends } = listen(fake);
    await polling(fake);
    expect(ends).toEqual([{ reason: "unknown", attempt: null, next: null }]);
  });
});

describe("two followers of one step", () => {
  it("both get every byte: one by the socket, one by REST until its turn", async () => {
    const fake = fakeClient();
    fake.http.answer = restLog(() => new TextEncoder().encode("one"));
    const first = listen(fake);
    const socket = fake.sockets.newest.hello();
    const second = listen(fake);
    await settled();
    socket.says(piece(0, "one"));
    expect([first.text(), second.text()]).toEqual(["one", "one"]);
    expect(socket.sentOf("follow_log")).toHaveLength(1);
    first.stop();
    expect(socket.sent.slice(-2)).toEqual([
      { type: "unfollow_log", ...place },
      { type: "follow_log", ...place, attempt: 1, from: 3 },
    ]);
    socket.says(piece(3, "two"));
    expect([first.text(), second.text()]).toEqual(["one", "onetwo"]);
  });

  it("one that comes after another does not take the other's last frames for its own", async () => {
    const fake = fakeClient();
    fake.http.answer = restLog(() => new TextEncoder().encode("0123456789"));
    listen(fake, { tail: 4 }).stop();
    const socket = fake.sockets.newest.hello();
    const first = listen(fake, { tail: 4 });
    first.stop();
    const second = listen(fake, { from: 6 });
    socket.says(piece(2, "2345"));
    await settled();
    expect(second.text()).toBe("6789");
    expect(socket.sent.at(-1)).toEqual({ type: "follow_log", ...place, attempt: 1, from: 10 });
  });

  describe("whose listener takes its time", () => {
    /** Each piece takes so long to draw. */
    function slow(ms = 50) {
      const fake = fakeClient();
      const { client, clock } = fake;
      const told: string[] = [];
      const { elapsed } = clock;
      let busy = 0;
      clock.elapsed = () => elapsed() + busy;
      client.watch("w", ({ state }) => told.push(`state ${state?.status}`));
      client.followLog(
        "w",
        0,
        {},
        {
          piece: (one) => {
            busy += ms;
            told.push(one.text);
          },
          end: ({ reason }) => told.push(reason),
        },
      );
      const socket = fake.sockets.newest.hello();
      return { ...fake, socket, told };
    }
    const ten = Array.from({ length: 10 }, (_, index) => piece(index, String(index)));

    it("a slow listener is told of the state before the output that came first, and of all output afterwards, in order", async () => {
      const { socket, told, clock } = slow();
      socket.says(snapshotOf("w", 1));
      await settled();
      for (const one of ten) socket.says(one);
      socket.says(end(10)).says({
        ...changedOf("w", 1, "x"),
        patch: [{ op: "replace", path: "/status", value: "failed" }],
      });
      await settled();
      expect(told.slice(told.indexOf("0"))).toEqual(["0", "state failed"]);
      clock.advance(49);
      expect(told.at(-1)).toBe("state failed");
      clock.advance(10_000);
      expect(told.slice(told.indexOf("state failed") + 1)).toEqual([..."123456789", "over"]);
      expect(clock.waitingFor(50)).toBe(0);
    });

    it("a new socket is asked for the output that a slow listener was not told", () => {
      const fake = slow();
      for (const one of ten) fake.socket.says(one);
      expect(fake.told.filter((text) => /^\d$/.test(text))).toEqual(["0"]);
      const socket = newSocket(fake);
      expect(socket.sent).toContainEqual({ type: "follow_log", ...place, attempt: 1, from: 1 });
      for (const one of ten.slice(1)) socket.says(one);
      fake.clock.advance(10_000);
      expect(fake.told.filter((text) => /^\d$/.test(text)).join("")).toBe("0123456789");
    });

    it("no more output waits for a slow listener than fits into memory: the rest is told at once", () => {
      const { socket, told } = slow();
      const text = "x".repeat(1024 * 1024);
      for (let index = 0; index < 20; index++) socket.says(piece(index * text.length, text));
      expect(told.filter((one) => one === text)).toHaveLength(12);
    });

    it("nothing is held back for a slow listener once nobody follows", () => {
      const { client, clock, socket, told } = slow();
      for (const one of ten) socket.says(one);
      client.close();
      clock.advance(10_000);
      expect(told.filter((text) => /^\d$/.test(text))).toEqual(["0"]);
      expect(clock.waiting).toBe(0);
    });
  });
});
