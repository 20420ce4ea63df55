/** Frames so large that they take several turns: whoever sent them finds everything in the order it was sent. */
import { describe, expect, vi } from "vitest";
import { WebSocket } from "ws";
import { LIMITS } from "../../../shared/limits.js";
import { liveTest } from "../../support/servers/liveServer.js";

const OLD = { token: "old-token", can: "drive" } as const;
const KEPT = { token: "kept-token", can: "drive" } as const;
const bearer = ({ token }: { token: string }) => ({ Authorization: `Bearer ${token}` });
const letters = "x".repeat(300_000);
const save = (workflow_id: string, more: object = {}) => ({
  kind: "save",
  workflow_id,
  state: { workflow_id, ...more },
});
const large = (workflow_id: string, more: object = {}) =>
  save(workflow_id, { data: { letters }, ...more });

describe("a large frame", () => {
  liveTest("a large frame is carried out before what was sent after it", async ({ serve }) => {
    const server = await serve();
    const tab = await server.openTab();
    tab.subscribe("one");
    await tab.take("closed");
    tab.propose(save("one", { title: "first" }));
    const sent = [
      tab.propose(large("one", { title: "second" })),
      tab.propose(save("one", { title: "third" })),
      tab.propose(large("one", { title: "fourth" })),
      tab.propose(save("one", { title: "fifth" })),
    ];
    const revisions: number[] = [];
    for (const request of sent) {
      const answer = await tab.answerTo(request);
      revisions.push(answer.type === "accepted" ? (answer.revision ?? 0) : 0);
    }
    expect(revisions).toEqual([2, 3, 4, 5]);
    expect((await server.get()).body.state).toMatchObject({ title: "fifth" });
    expect((await server.get()).body.state).not.toHaveProperty("data");
  });

  liveTest(
    "a large frame in the middle keeps a subscription before and after it apart",
    async ({ serve }) => {
      const server = await serve();
      await server.saved({ workflow_id: "one" });
      const tab = await server.openTab();
      tab.subscribe("one");
      tab.send({ type: "unsubscribe", workflow_id: "one" });
      const request = tab.propose(large("one"));
      tab.send({ type: "ping" });
      tab.subscribe("one");
      await tab.take("snapshot");
      await tab.take("pong");
      expect(await tab.answerTo(request)).toMatchObject({ type: "accepted", revision: 2 });
      tab.propose(large("one", { title: "watched" }));
      tab.send({ type: "unsubscribe", workflow_id: "one" });
      await server.saved({ workflow_id: "two" });
      const types = (await tab.rest()).map(({ type }) => type);
      expect(types.filter((type) => type === "pong")).toEqual([]);
      await server.call("PATCH", "/workflow/state?workflow_id=one", {
        body: { title: "unwatched" },
      });
      expect((await tab.rest()).filter(({ type }) => type === "changed")).toEqual([]);
    },
  );

  liveTest(
    "a large frame that is refused is told by its request_id, in its turn",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      const strange = tab.propose(large("one", { steps: 7 }));
      const deep = `${"[".repeat(LIMITS.jsonDepth + 1)}${"]".repeat(LIMITS.jsonDepth + 1)}`;
      tab.send(
        `{"type":"propose","request_id":"deep","command":{"data":"${letters}","more":${deep}}}`,
      );
      tab.send(`{"type":"subscribe","workflow_id":"one","more":"${letters}"}`);
      tab.send(`{"type":"propose","request_id":"cut off","command":"${letters}`);
      tab.send({ type: "ping" });
      const field = await tab.take("refused");
      expect(field).toMatchObject({ request_id: strange, code: "bad_message" });
      expect(field.errors?.[0]?.path).toContain("steps");
      expect(await tab.take("refused")).toMatchObject({ request_id: "deep", code: "bad_message" });
      expect(await tab.take("refused")).toMatchObject({ workflow_id: "one", code: "bad_message" });
      expect(await tab.take("refused")).toMatchObject({ request_id: null, code: "bad_message" });
      await tab.take("pong");
    },
  );

  liveTest("a large frame lets others be answered before it is done", async ({ serve }) => {
    const server = await serve();
    const [busy, calm] = [await server.openTab(), await server.openTab()];
    const heard: string[] = [];
    busy.socket.on("message", () => void heard.push("busy"));
    calm.socket.on("message", () => void heard.push("calm"));
    busy.propose(large("one"));
    calm.send({ type: "ping" });
    await calm.take("pong");
    expect(heard[0]).toBe("calm");
    await busy.take("accepted");
  });

  liveTest("a large frame whose socket breaks off leaves nothing half done", async ({ serve }) => {
    const errors: unknown[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (what: object) => errors.push(what) };
    const server = await serve({ log });
    await server.saved({ workflow_id: "one" });
    for (let i = 0; i < 5; i++) {
      const tab = await server.openTab();
      tab.subscribe("one");
      await tab.take("snapshot");
      for (let j = 0; j < 3; j++) tab.propose(large("one", { title: "cut off" }));
      tab.drop();
      await tab.closed;
    }
    const next = await server.openTab();
    await next.accepted(save("one", { title: "goes on" }));
    const { state } = (await server.get()).body;
    expect(["cut off", "goes on"]).toContain(state.title);
    expect(state.data === undefined).toBe(state.title === "goes on");
    expect(errors).toEqual([]);
  });

  liveTest(
    "a large frame that waits is not done any more once its token is gone",
    async ({ serve }) => {
      const server = await serve({ tokens: [OLD, KEPT] });
      const tab = await server.openTab({ headers: bearer(OLD) });
      const pause = vi.spyOn(WebSocket.prototype, "pause").mockImplementationOnce(function (
        this: WebSocket,
      ) {
        pause.mockRestore();
        this.pause();
        queueMicrotask(() => server.instep.setTokens([KEPT]));
      });
      tab.propose(large("one"));
      expect((await tab.closed).code).toBe(4401);
      expect(await server.get("/workflow/state", bearer(KEPT))).toMatchObject({
        body: { state: null },
      });
    },
  );
});
