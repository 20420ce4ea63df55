/** Signs of life, limits of patience, and what ends a socket. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { liveTest } from "../../support/servers/liveServer.js";

const deploy = { workflow_id: "deploy", steps: [{ action: "build" }] };

describe("a socket that is alive", () => {
  liveTest(
    "a socket that is alive gets a heartbeat every 15 s, and stays as long as it answers",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      for (let i = 0; i < 5; i++) {
        server.clock.advance(14_999);
        server.clock.advance(1);
        await tab.take("heartbeat");
        // The deadline for the pong goes once the pong is there.
        await until(() => server.clock.waitingFor(8_000) === 0, "the pong arrived");
      }
      server.clock.advance(14_999);
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest("a socket that is alive is answered when it asks", async ({ serve }) => {
    const tab = await (await serve()).openTab();
    tab.send({ type: "ping" });
    expect(await tab.next()).toEqual({ type: "pong", server_time: expect.any(String) });
  });

  liveTest("a socket that is alive needs no pong where it sends frames", async ({ serve }) => {
    const server = await serve();
    const tab = await server.openTab({ autoPong: false });
    server.clock.advance(7_999);
    for (let i = 0; i < 3; i++) {
      server.clock.advance(7_001);
      await tab.take("heartbeat");
      expect(await tab.rest()).toEqual([]);
      server.clock.advance(7_999);
    }
  });
});

describe("a socket that is silent", () => {
  liveTest(
    "a socket that is silent is cut when its pong is 8 s late, and nobody else is",
    async ({ serve }) => {
      const server = await serve();
      const [silent, alive] = [await server.openTab({ autoPong: false }), await server.openTab()];
      server.clock.advance(15_000);
      await silent.take("heartbeat");
      await alive.take("heartbeat");
      await until(() => server.clock.waitingFor(8_000) === 1, "the other one's pong arrived");
      server.clock.advance(7_999);
      expect(silent.socket.readyState).toBe(silent.socket.OPEN);
      server.clock.advance(1);
      expect((await silent.closed).code).toBe(4001);
      expect(await alive.rest()).toEqual([]);
      await until(
        () => server.clock.waitingFor(7_000) === 1,
        "its next heartbeat is not waited for",
      );
    },
  );
});

describe("a server that slept", () => {
  liveTest(
    "a server that slept hears the pongs that waited before it cuts anybody off",
    async ({ serve }) => {
      const server = await serve();
      const alive = await server.openTab();
      const deaf = await server.openTab({ autoPong: false });
      server.clock.advance(15_000);
      // In the same turn: the pongs are on their way, and nobody has read them.
      server.clock.sleep(40_000);
      await alive.take("heartbeat");
      await until(() => server.clock.waitingFor(8_000) === 1, "the living one's pong was read");
      expect(deaf.socket.readyState).toBe(deaf.socket.OPEN);
      server.clock.advance(8_000);
      expect((await deaf.closed).code).toBe(4001);
      // The next heartbeat, which was due meanwhile.
      expect(await alive.rest()).toMatchObject([{ type: "heartbeat" }]);
    },
  );
});

describe("a frame that is no frame", () => {
  liveTest.for([
    ["text that is not JSON", "{"],
    ["an empty text", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "1"],
    ["a type we do not know", '{"type":"restart"}'],
    ["a type of the server's", '{"type":"changed"}'],
    ["no type", '{"workflow_id":"deploy"}'],
    ["a key we do not know", '{"type":"ping","loud":true}'],
    ["a subject that is no id", '{"type":"subscribe","workflow_id":"../x"}'],
    ["a position that is none", '{"type":"subscribe","workflow_id":"a","last":{"revision":1}}'],
    [
      "a negative revision",
      '{"type":"subscribe","workflow_id":"a","last":{"epoch":"e","revision":-1}}',
    ],
    ["a proposal without an id", '{"type":"propose","command":{"kind":"clear"}}'],
    ["an empty id", '{"type":"propose","request_id":"","command":{"kind":"clear"}}'],
  ] as const)(
    "a frame with %s is refused, and the socket lives on",
    async ([, text], { serve }) => {
      const tab = await (await serve()).openTab();
      tab.send(text);
      const refused = await tab.take("refused");
      expect(refused).toMatchObject({ code: "bad_message", retry: false });
      expect(refused.request_id || null).toBeNull();
      expect(await tab.rest()).toEqual([]);
    },
  );

  liveTest(
    "the refusal of a frame that is no frame says whose it was, as far as it could be read",
    async ({ serve }) => {
      const tab = await (await serve()).openTab();
      tab.send({ type: "propose", request_id: "mine", command: { kind: "restart" } });
      expect(await tab.take("refused")).toMatchObject({ request_id: "mine" });
      tab.send({ type: "subscribe", workflow_id: "mine", last: 7 });
      expect(await tab.take("refused")).toMatchObject({ request_id: null, workflow_id: "mine" });
    },
  );

  liveTest("a frame of bytes ends the socket for good", async ({ serve }) => {
    const tab = await (await serve()).openTab();
    tab.send(Buffer.from('{"type":"ping"}'));
    expect((await tab.closed).code).toBe(4501);
  });

  liveTest("a frame over the size limit ends the socket for good", async ({ serve }) => {
    const server = await serve({ limits: { frameBytes: 1_000 } });
    const tab = await server.openTab();
    tab.send("{}".padStart(1_000));
    expect(await tab.take("refused")).toMatchObject({ code: "bad_message" });
    tab.send(" ".repeat(1_001));
    expect((await tab.closed).code).toBe(1009);
    await server.openTab();
  });
});

describe("a socket that asks for too much", () => {
  liveTest(
    "a socket that asks for too much is refused the subscription, but not a new answer for an old one",
    async ({ serve }) => {
      const server = await serve({ limits: { subscriptionsPerSocket: 2 } });
      for (const workflow_id of ["a", "b", "c"]) await server.saved({ workflow_id });
      const tab = await server.openTab();
      for (const id of ["a", "current"]) tab.subscribe(id);
      await tab.rest();
      tab.subscribe("b");
      expect(await tab.take("refused")).toMatchObject({
        request_id: null,
        workflow_id: "b",
        code: "too_many",
        retry: true,
        message: expect.stringContaining("2"),
      });
      // After a gap a client subscribes again: that is no new subscription.
      tab.subscribe("a");
      expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "a" });
      tab.send({ type: "unsubscribe", workflow_id: "a" });
      tab.subscribe("b");
      expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "b" });
    },
  );

  liveTest(
    "a socket that asks faster than its limit is slowed down, and in the end closed",
    async ({ serve }) => {
      const limits = { commandsPerSecond: 1, commandBurst: 5, rateRefusals: 10 };
      const server = await serve({ limits });
      const [hasty, calm] = [await server.openTab(), await server.openTab()];
      for (let i = 0; i < 5; i++) hasty.send({ type: "ping" });
      for (let i = 0; i < 5; i++) await hasty.take("pong");
      for (let i = 0; i < 11; i++) hasty.send(i % 2 ? { type: "ping" } : "{");
      for (let i = 0; i < 10; i++) {
        expect(await hasty.take("refused")).toMatchObject({ code: "rate_limited", retry: true });
      }
      expect((await hasty.closed).code).toBe(4029);
      expect(await calm.rest()).toEqual([]);
    },
  );

  liveTest(
    "a socket that asks for too much at the same moment as others is held to the same count",
    async ({ serve }) => {
      const server = await serve({ limits: { openWorkflows: 3 } });
      const tab = await server.openTab();
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          tab.ask({ kind: "save", state: { workflow_id: `w${i}` } }),
        ),
      );
      const refused = answers.filter(({ type }) => type === "refused");
      for (const one of refused) expect(one).toMatchObject({ code: "too_many", retry: true });
      expect(refused).toHaveLength(7);
      const { workflows } = (await server.get("/workflows")).body;
      expect(workflows).toHaveLength(3);
      await server.call("DELETE", `/workflow/state?workflow_id=${workflows[0]?.workflow_id}`);
      await server.saved(deploy);
    },
  );
});
