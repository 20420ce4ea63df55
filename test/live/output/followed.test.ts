/** Output followed on a socket: the same bytes for everyone, each once, at each one's own pace. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { append, Heard, logPath, printed } from "../../support/links/output.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const W = { workflow_id: "w", steps: [{ action: "build" }, { action: "ship" }] };
const BUILD = ["w", 0] as const;

const follow = (tab: RawTab, more: object = {}) =>
  tab.send({ type: "follow_log", workflow_id: "w", step: 0, ...more });

const report = (server: LiveServer, update: object) =>
  server.call("PATCH", "/workflow/state/steps/0?workflow_id=w", { body: update });

describe("a tab that follows a step's output", () => {
  liveTest(
    "a tab that follows a step's output gets what there is, what comes, and the end",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, BUILD, "one\n");
      const tab = await server.openTab();
      follow(tab);
      const place = { workflow_id: "w", step: 0, attempt: 1 };
      const log = (from: number, text: string) => {
        const at = [[from, server.clock.now()]];
        return { type: "log", ...place, from, next: from + 4, text, at };
      };
      expect(await tab.next()).toEqual(log(0, "one\n"));
      await printed(server, BUILD, "two\n");
      expect(await tab.next()).toEqual(log(4, "two\n"));
      await report(server, { status: "completed" });
      const end = { type: "log_end", ...place, reason: "over" };
      expect(await tab.next()).toEqual({ ...end, next: 8 });
      await printed(server, BUILD, "late\n");
      expect(await tab.next()).toMatchObject({ type: "log", from: 8, text: "late\n" });
      expect(await tab.next()).toEqual({ ...end, next: 13 });
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "a tab that follows a step's output goes on to the next attempt, having heard all of this one",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await report(server, { status: "in_progress" });
      const [newest, first] = [await server.openTab(), await server.openTab()];
      follow(newest);
      follow(first, { attempt: 1 });
      await printed(server, BUILD, "a");
      await report(server, { status: "failed" });
      await report(server, { status: "in_progress" });
      await printed(server, BUILD, "b");
      const told = ["log 1 0-1", "log_end 1 1"];
      const tell = async (tab: RawTab, count: number) => {
        const heard: string[] = [];
        for (let i = 0; i < count; i++) {
          const frame = await tab.next();
          if (frame.type === "log") heard.push(`log ${frame.attempt} ${frame.from}-${frame.next}`);
          else if (frame.type === "log_end") heard.push(`log_end ${frame.attempt} ${frame.next}`);
        }
        return heard;
      };
      expect(await tell(newest, 3)).toEqual([...told, "log 2 0-1"]);
      expect(await tell(first, 2)).toEqual(told);
      expect([...(await newest.rest()), ...(await first.rest())]).toEqual([]);
    },
  );

  liveTest("a tab that follows a step's output begins where it asks to", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    await printed(server, BUILD, "line 1\nline 2\nline 3\n");
    const tab = await server.openTab();
    for (const [asked, text] of [
      [{ from: 9 }, "ne 2\nline 3\n"],
      [{ tail: 10 }, "line 3\n"],
      [{ attempt: 1 }, "line 1\nline 2\nline 3\n"],
    ] as const) {
      follow(tab, asked);
      expect(await tab.take("log")).toMatchObject({ text, next: 21 });
    }
    follow(tab, { tail: 0 });
    follow(tab, { from: 21 });
    follow(tab, { from: 5000 });
    expect(await tab.rest()).toEqual([]);
    await printed(server, BUILD, "x");
    expect(await tab.next()).toMatchObject({ type: "log", from: 21, text: "x" });
    expect(await tab.rest()).toEqual([]);
  });

  liveTest(
    "a tab that follows a step's output follows one output more than once, each time under a name and from its own place",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      await printed(server, BUILD, "one\ntwo\n");
      const tab = await server.openTab();
      follow(tab, { follower: "a" });
      expect(await tab.next()).toMatchObject({ follower: "a", from: 0, text: "one\ntwo\n" });
      follow(tab, { follower: "b", from: 4 });
      expect(await tab.next()).toMatchObject({ follower: "b", from: 4, text: "two\n" });
      follow(tab, { from: 8 });
      await printed(server, BUILD, "x");
      const heard = [await tab.next(), await tab.next(), await tab.next()].map((frame) => ({
        follower: undefined,
        ...frame,
      }));
      expect(heard.map(({ follower }) => follower)).toEqual(["a", "b", undefined]);
      for (const frame of heard) expect(frame).toMatchObject({ type: "log", from: 8, text: "x" });

      tab.send({ type: "unfollow_log", workflow_id: "w", step: 0, follower: "a" });
      tab.send({ type: "unfollow_log", workflow_id: "w", step: 0 });
      expect(await tab.rest()).toEqual([]);
      await report(server, { status: "completed" });
      const end = { type: "log_end", workflow_id: "w", step: 0, attempt: 1, next: 9 };
      expect(await tab.next()).toEqual({ ...end, reason: "over", follower: "b" });
      follow(tab, { follower: "c", epoch: "another" });
      follow(tab, { follower: "d", step: 9 });
      expect(await tab.next()).toMatchObject({ reason: "cleared", follower: "c" });
      expect(await tab.next()).toMatchObject({ reason: "unknown", follower: "d" });
      await server.call("DELETE", "/workflow/state?workflow_id=w");
      expect(await tab.next()).toMatchObject({ reason: "cleared", follower: "b" });
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest.for(["", "two words", "é", "x".repeat(65), 7])(
    "a tab that follows a step's output is refused the follower's name %o",
    async (follower, { serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      follow(tab, { follower });
      expect(await tab.next()).toMatchObject({ type: "refused", code: "bad_message" });
    },
  );

  liveTest(
    "a tab that follows a step's output hears no more once it took that back",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      follow(tab);
      tab.send({ type: "unfollow_log", workflow_id: "w", step: 0 });
      tab.send({ type: "unfollow_log", workflow_id: "v", step: 7 });
      expect(await tab.rest()).toEqual([]);
      await printed(server, BUILD, "x");
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest.for([
    { workflow_id: "v", step: 0 },
    { workflow_id: "w", step: 2 },
    { workflow_id: "current", step: 0 },
  ])(
    "a tab that follows output that is not there is told that %o is unknown",
    async (of, { serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      follow(tab, of);
      const nowhere = { attempt: null, next: null, reason: "unknown" };
      expect(await tab.next()).toEqual({ type: "log_end", ...of, ...nowhere });
    },
  );

  liveTest(
    "a tab that follows a step's output is refused what makes no sense, and the 65th output",
    async ({ serve }) => {
      const server = await serve({ limits: { followsPerSocket: 1 } });
      await server.saved(W);
      const tab = await server.openTab();
      for (const wrong of [
        { step: -1 },
        { attempt: 0 },
        { from: 0, tail: 0 },
        { workflow_id: "*" },
      ]) {
        follow(tab, wrong);
        expect(await tab.next()).toMatchObject({ type: "refused", code: "bad_message" });
      }
      follow(tab);
      follow(tab, { step: 1 });
      expect(await tab.next()).toMatchObject({ type: "refused", code: "too_many" });
      follow(tab); // The same again takes the first one's place.
      expect(await tab.rest()).toEqual([]);
    },
  );
});

describe("the end of a workflow", () => {
  liveTest(
    "a workflow that is replaced by another one is gone for whoever asks for its epoch",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const { epoch } = (await server.get()).body;
      await printed(server, BUILD, "of the first");
      const tab = await server.openTab();
      follow(tab, { epoch });
      expect(await tab.next()).toMatchObject({ type: "log", text: "of the first" });
      const path = `${logPath(...BUILD)}&epoch=${epoch}`;
      expect(await (await fetch(`${server.url}${path}`)).text()).toBe("of the first");

      await server.call("DELETE", "/workflow/state?workflow_id=w");
      expect(await tab.next()).toMatchObject({ type: "log_end", reason: "cleared" });
      await server.saved(W);
      await printed(server, BUILD, "of the second, which is longer");
      const late = await server.openTab();
      follow(late, { epoch, attempt: 1, from: 12 });
      const gone = { type: "log_end", workflow_id: "w", step: 0, attempt: null, next: null };
      expect(await late.next()).toEqual({ ...gone, reason: "cleared" });
      const refused = await fetch(`${server.url}${path}&from=12`);
      expect(refused.status).toBe(404);
      expect(await refused.json()).toMatchObject({ code: "unknown_workflow" });
      expect(await late.rest()).toEqual([]);
    },
  );

  liveTest("a workflow that is cleared ends its output, too", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    await printed(server, BUILD, "x");
    const tab = await server.openTab();
    follow(tab);
    await tab.take("log");
    await server.call("DELETE", "/workflow/state?workflow_id=w");
    const end = { type: "log_end", workflow_id: "w", step: 0, attempt: 1, next: 1 };
    expect(await tab.next()).toEqual({ ...end, reason: "cleared" });
    await server.saved(W);
    expect((await server.get(logPath("w", 0))).text).toBe("");
    await printed(server, BUILD, "y");
    expect(await tab.rest()).toEqual([]);
  });

  liveTest(
    "a workflow that ends keeps its output until it goes to the history, and in there too",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1000 });
      await server.saved(W);
      await printed(server, BUILD, "x");
      const tab = await server.openTab();
      follow(tab);
      await tab.take("log");
      await server.call("PATCH", "/workflow/state", { body: { status: "failed" } });
      expect(await tab.next()).toMatchObject({ type: "log_end", next: 1, reason: "over" });
      server.clock.advance(1000);
      await until(async () => (await server.get()).body.state === null, "it is cleared from view");
      follow(tab);
      expect(await tab.next()).toMatchObject({ type: "log", text: "x" });
      expect(await tab.next()).toMatchObject({ type: "log_end", reason: "over" });
      await server.call("DELETE", "/workflow/state?workflow_id=w");
      expect(await tab.next()).toMatchObject({ type: "log_end", next: 1, reason: "cleared" });
    },
  );

  liveTest(
    "the end of a workflow and a new life under its id end what was followed of the old one",
    async ({ serve }) => {
      const server = await serve({ clearAfterMs: 1000 });
      await server.saved(W);
      await printed(server, BUILD, "old");
      const tab = await server.openTab();
      follow(tab);
      await tab.take("log");
      await server.call("PATCH", "/workflow/state", { body: { status: "completed" } });
      await tab.take("log_end");
      server.clock.advance(1000);
      await until(async () => (await server.get()).body.state === null, "it is cleared from view");
      await server.saved(W);
      expect(await tab.next()).toMatchObject({ type: "log_end", next: 3, reason: "cleared" });
      expect((await append(server, BUILD, "new")).body).toMatchObject({ from: 0 });
      expect(await tab.rest()).toEqual([]);
    },
  );
});

describe("text", () => {
  liveTest("followed text has whole characters, however their bytes arrive", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    const tab = await server.openTab();
    follow(tab);
    const text = "\ufeffä€😀 z";
    for (const byte of Buffer.from(text)) await printed(server, BUILD, Buffer.from([byte]));
    const heard = await new Heard().upTo(tab, Buffer.byteLength(text));
    expect(heard.text).toBe(text);
  });

  liveTest(
    "followed text shows bytes that are none as U+FFFD, as one decoder of all would",
    async ({ serve }) => {
      const server = await serve();
      await server.saved(W);
      const tab = await server.openTab();
      follow(tab);
      // Half a character at the end is told once nothing can complete it.
      const bytes = Buffer.from([0x61, 0xff, 0xc0, 0x80, 0xe2, 0x82, 0x62, 0xf0, 0x9f, 0x98]);
      for (const byte of bytes) await printed(server, BUILD, Buffer.from([byte]));
      await report(server, { status: "completed" });
      const heard = await new Heard().upTo(tab, bytes.length);
      expect(heard.text).toBe(new TextDecoder().decode(bytes));
      expect(await tab.next()).toMatchObject({ type: "log_end", next: bytes.length });
    },
  );

  liveTest(
    "text is cut between characters where it fills more than one frame",
    async ({ serve }) => {
      const server = await serve({ limits: { outputFrameBytes: 100 } });
      await server.saved(W);
      const text = "😀€ä".repeat(50);
      await printed(server, BUILD, text);
      const tab = await server.openTab();
      follow(tab);
      const heard = await new Heard().upTo(tab, Buffer.byteLength(text));
      expect(heard.text).toBe(text);
      expect(heard.frames).toBeGreaterThan(4);
    },
  );
});
