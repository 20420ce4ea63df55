/** The stream of events is the socket's other door: the same frames, resumed by the last id, for whom the gate lets in. */
import { describe, expect } from "vitest";
import type { ServerMessage } from "../../../shared/wire/serverMessages.js";
import { until } from "../../support/deadline.js";
import { EventReader } from "../../support/links/eventReader.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { PatchedMirror } from "../../support/model/patchedMirror.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const LIVE = "/workflow/live";
const steps = [{ action: "build" }, { action: "ship" }];
const open = (server: LiveServer, query = "", headers?: Record<string, string>) =>
  EventReader.open(`${server.url}${LIVE}${query}`, headers);
const step = (server: LiveServer, id: string, update: object) =>
  server.call("PATCH", `/workflow/state/steps/0?workflow_id=${id}`, { body: update });
const at = (revision: number) => (frame: ServerMessage) =>
  "revision" in frame && frame.revision === revision;
const types = (frames: readonly ServerMessage[]) => frames.map(({ type }) => type);

/** Up to the first picture of what was subscribed to. */
async function firstOf(tab: RawTab): Promise<ServerMessage[]> {
  const frames = [await tab.next()];
  while (frames.at(-1)?.type !== "snapshot") frames.push(await tab.next());
  return frames;
}

describe("a stream of events", () => {
  liveTest(
    "a stream has the frames that a socket has, each with its position as id",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", status: "blocked", steps });
      for (const [query, subject] of [
        ["?workflow_id=w", "w"],
        ["", "current"],
        ["?workflow_id=*", "*"],
      ] as const) {
        const { tab, hello } = await server.greet();
        const reader = await open(server, query);
        expect(reader.response.headers).toMatchObject({
          "content-type": "text/event-stream",
          "cache-control": "no-store",
          "x-accel-buffering": "no",
        });
        expect((await reader.next()).frame).toEqual(hello);
        tab.subscribe(subject);
        const bySocket = await firstOf(tab);
        const byStream = [await reader.next()];
        while (byStream.length < bySocket.length) byStream.push(await reader.next());
        for (const title of ["a", "b", "line\nline \u2028"]) {
          await server.call("PATCH", "/workflow/state", { body: { workflow_id: "w", title } });
          server.clock.advance(1_000);
          bySocket.push(await tab.take("changed"));
          byStream.push(await reader.next());
        }
        for (const [index, frame] of bySocket.entries()) {
          const told = byStream[index]!;
          expect(told.frame).toEqual(frame);
          expect(told.event).toBe(frame.type);
          const { epoch, revision } = { epoch: null, revision: null, ...frame };
          expect(told.id).toBe(epoch === null ? undefined : `${epoch}.${revision}`);
        }
        reader.drop();
      }
    },
  );

  liveTest(
    "a stream that was cut goes on where it ended, and gets a snapshot where that is not known",
    async ({ serve }) => {
      const server = await serve();
      const { epoch } = await server.saved({ workflow_id: "w", status: "blocked", steps });
      const first = await open(server, "?workflow_id=w");
      const mirror = new PatchedMirror("w", null).takeAll(await first.upTo(at(1)));
      first.drop();
      for (const message of ["a", "b"]) await step(server, "w", { status: "blocked", message });
      const again = await open(server, "?workflow_id=w", { "Last-Event-ID": `${epoch}.1` });
      const missed = await again.upTo(({ type }) => type === "resumed");
      expect(types(missed)).toEqual(["hello", "changed", "changed", "resumed"]);
      const now = (await server.get("/workflow/state?workflow_id=w")).body;
      expect(mirror.takeAll(missed).state).toEqual(now.state);
      again.drop();
      for (const id of [`${epoch}.99`, "other.2", "nonsense", `${epoch}.`, ""]) {
        const reader = await open(server, "?workflow_id=w", { "Last-Event-ID": id });
        expect(types(await reader.upTo(at(3)))).toEqual(["hello", "snapshot"]);
        reader.drop();
      }
    },
  );

  liveTest(
    "a reader that takes nothing is told the newest state once it reads, not all that was between",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "big" });
      const slow = await EventReader.open(`${server.url}${LIVE}?workflow_id=big`, {}, false);
      const changes = 40;
      for (let i = 0; i < changes; i++) {
        const text = `${i} `.padEnd(500_000, "x");
        await server.call("PATCH", "/workflow/state", { body: { text, i } });
      }
      const now = (await server.get()).body;
      slow.read();
      const frames = await slow.upTo(at(now.revision));
      expect(frames.length).toBeLessThan(changes);
      expect(frames.at(-1)).toMatchObject({ type: "snapshot", state: { i: changes - 1 } });
      slow.drop();
    },
  );

  liveTest("a stream hears a sign of life while nothing happens", async ({ serve }) => {
    const server = await serve();
    const reader = await open(server);
    await reader.upTo(({ type }) => type === "current");
    for (let beat = 1; beat <= 3; beat++) {
      server.clock.advance(15_000);
      await until(() => reader.comments >= beat, "a heartbeat");
    }
    reader.drop();
  });

  liveTest(
    "a stream ends after the closed of the workflow it names, and goes on with the next current one",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", steps });
      const named = await open(server, "?workflow_id=w");
      const current = await open(server, "?workflow_id=current");
      for (const reader of [named, current]) await reader.upTo(at(1));
      await server.call("DELETE", "/workflow/state?workflow_id=w");
      expect(types(await named.upTo(({ type }) => type === "closed"))).toEqual(["closed"]);
      await until(() => named.ended, "the stream of w ends");
      expect(named.ended).toBe("end");
      await server.saved({ workflow_id: "v", steps });
      const frames = await current.upTo((frame) => frame.type === "snapshot");
      expect(frames.at(-1)).toMatchObject({ workflow_id: "v" });
      current.drop();
      const unknown = await open(server, "?workflow_id=nobody");
      const told = await unknown.upTo(({ type }) => type === "closed");
      expect(told.at(-1)).toMatchObject({ reason: "unknown" });
      await until(() => unknown.ended, "the stream of nobody ends");
    },
  );
});

describe("who gets a stream", () => {
  liveTest(
    "a caller who asks for no stream is told what this address is, and HEAD tells the headers alone",
    async ({ serve }) => {
      const server = await serve();
      for (const Accept of ["*/*", "application/json", "text/html"]) {
        const answer = await server.get(LIVE, { Accept });
        expect(answer.status).toBe(426);
        expect(answer.text).toContain("text/event-stream");
      }
      const head = await server.call("HEAD", LIVE, { headers: { Accept: "text/event-stream" } });
      expect([head.status, head.text]).toEqual([200, ""]);
      const misspelt = await server.get(`${LIVE}?id=w`, { Accept: "text/event-stream" });
      expect(misspelt.status).toBe(400);
    },
  );

  liveTest(
    "a stream is for a token that counts and for the workflows it is bound to, and ends with it",
    async ({ serve }) => {
      const server = await serve({ tokens: [{ token: "t", can: "watch", workflows: ["mine-*"] }] });
      const Accept = "text/event-stream";
      const Authorization = "Bearer t";
      expect((await server.get(LIVE, { Accept })).status).toBe(401);
      const foreign = await server.get(`${LIVE}?workflow_id=yours`, { Accept, Authorization });
      expect(foreign.status).toBe(403);
      const reader = await open(server, "", { Authorization });
      expect((await reader.next()).frame).toMatchObject({ type: "hello", can: ["watch"] });
      server.instep.setTokens([{ token: "u", can: "watch" }]);
      await until(() => reader.ended, "the stream is cut with its token");
      expect(reader.ended).toBe("cut");
    },
  );

  liveTest(
    "streams and sockets share one limit, and a stream that goes gives its place back",
    async ({ serve }) => {
      const server = await serve({ limits: { sockets: 2 } });
      await server.openTab();
      const reader = await open(server);
      const refused = await server.get(LIVE, { Accept: "text/event-stream" });
      expect([refused.status, refused.body.code]).toEqual([429, "too_many"]);
      await expect(server.openTab()).rejects.toThrow();
      reader.drop();
      await until(
        () =>
          server.openTab().then(
            () => true,
            () => false,
          ),
        "the place is free",
      );
    },
  );

  liveTest(
    "every stream ends whole when the server stops, with all that was told before",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "w", steps });
      const reader = await open(server, "?workflow_id=w");
      await reader.upTo(at(1));
      await step(server, "w", { status: "in_progress" });
      await server.stop();
      await until(() => reader.ended, "the stream ends");
      expect(reader.ended).toBe("end");
      expect(reader.events.at(-1)?.frame).toMatchObject({ revision: 2 });
    },
  );
});
