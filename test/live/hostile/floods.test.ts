/** A client that sends much more than is due is cut off, by all of its sockets together; others at its address do not notice. */
import { describe, expect } from "vitest";
import { LIMITS } from "../../../shared/limits.js";
import type { RawTab } from "../../support/links/rawTab.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const { commandsPerSecond, commandBurst, rateRefusals } = LIMITS;
const limits = { commandsPerSecond, commandBurst };

interface Heard {
  refused: number;
  code: number;
}

/** Sends until it is cut off, at most so many frames; what it was told. */
async function flood(tab: RawTab, frame: (i: number) => object | string): Promise<Heard> {
  for (let i = 0; i < 10_000; i++) tab.send(frame(i));
  let refused = 0;
  for await (const { type } of tab.untilClosed()) if (type === "refused") refused += 1;
  return { refused, code: (await tab.closed).code };
}

const save = (id: string) => (i: number) => ({
  type: "propose",
  request_id: `${id}-${i}`,
  command: { kind: "save", state: { workflow_id: id, i } },
});

/** Each one is a revision, whether its answer still found the socket or not. */
async function commandsTaken(server: LiveServer, id: string): Promise<number> {
  return (await server.get(`/workflow/state?workflow_id=${id}`)).body.revision ?? 0;
}

/** Reports that are all accepted while something else goes on. */
async function reportWhile(tab: RawTab, busy: Promise<unknown>) {
  let isOver = false;
  void busy.finally(() => {
    isOver = true;
  });
  let reports = 0;
  while (!isOver && reports < commandBurst / 10) {
    await tab.accepted({
      kind: "step",
      workflow_id: "victim",
      index: 0,
      update: { message: `${reports}` },
    });
    reports += 1;
  }
  await busy;
  return reports;
}

describe("a socket that floods", () => {
  liveTest(
    "a socket that floods is cut off though some of what it sends is accepted",
    async ({ serve }) => {
      const server = await serve({ limits });
      const tab = await server.openTab();
      const ticking = setInterval(() => server.clock.advance(10), 5);
      const { refused, code } = await flood(tab, save("flood"));
      clearInterval(ticking);
      expect(code).toBe(4029);
      expect(await commandsTaken(server, "flood")).toBeGreaterThanOrEqual(commandBurst);
      expect(refused).toBeLessThanOrEqual(2 * rateRefusals);
    },
  );

  liveTest.for([
    ["text that is not JSON", "{"],
    ["frames of no known type", '{"type":"shout"}'],
    ["pings of the page", '{"type":"ping"}'],
    ["subscriptions", '{"type":"subscribe","workflow_id":"nothing"}'],
  ] as const)("a socket that floods with %s is cut off", async ([, frame], { serve }) => {
    const server = await serve({ limits });
    const tab = await server.openTab();
    const { refused, code } = await flood(tab, () => frame);
    expect(code).toBe(4029);
    expect(refused).toBeLessThanOrEqual(rateRefusals);
  });

  liveTest("a socket that floods with pings of the protocol is cut off", async ({ serve }) => {
    const server = await serve({ limits });
    const tab = await server.openTab();
    let pongs = 0;
    tab.socket.on("pong", () => {
      pongs += 1;
    });
    for (let i = 0; i < 10_000; i++) tab.socket.ping();
    expect((await tab.closed).code).toBe(4029);
    expect(pongs).toBeLessThanOrEqual(commandBurst);
  });
});

describe("a client that floods on many sockets", () => {
  liveTest(
    "a client that floods on many sockets is cut off on each, and costs no more than two would",
    async ({ serve }) => {
      const server = await serve({ limits });
      await server.saved({ workflow_id: "victim", steps: [{ action: "work" }] });
      const victim = await server.openTab();
      const tabs = await Promise.all(Array.from({ length: 20 }, () => server.openTab()));
      const floods = Promise.all(tabs.map((tab, i) => flood(tab, save(`flood-${i}`))));
      expect(await reportWhile(victim, floods)).toBeGreaterThan(0);
      const all = await floods;
      expect(new Set(all.map(({ code }) => code))).toEqual(new Set([4029]));
      const refused = all.reduce((total, one) => total + one.refused, 0);
      expect(refused).toBeLessThanOrEqual(2 * rateRefusals + (20 * rateRefusals) / 10);
      let taken = 0;
      for (let i = 0; i < 20; i++) taken += await commandsTaken(server, `flood-${i}`);
      expect(taken).toBeLessThanOrEqual(2 * commandBurst + (20 * commandBurst) / 10);
      expect(victim.socket.readyState).toBe(victim.socket.OPEN);
    },
  );

  liveTest(
    "a client that floods on many sockets comes back slowly, and others of its address stay",
    async ({ serve }) => {
      const server = await serve({ limits });
      const [honest, hasty] = [await server.openTab(), await server.openTab()];
      expect((await flood(hasty, () => "{")).code).toBe(4029);
      for (let i = 0; i < 5; i++) await server.openTab();
      await expect(server.openTab()).rejects.toThrow("429");
      expect((await honest.ask({ kind: "save", state: { workflow_id: "mine" } })).type).toBe(
        "accepted",
      );
      server.clock.advance(500);
      await server.openTab();
      server.clock.advance(10_000);
      for (let i = 0; i < 20; i++) await server.openTab();
    },
  );

  liveTest(
    "a client that floods by REST is told when to come back, and holds no connection",
    async ({ serve }) => {
      const server = await serve({ limits });
      const body = { workflow_id: "flood" };
      const answers: Response[] = [];
      for (let i = 0; i < commandBurst + rateRefusals + 10; i++) {
        answers.push(
          await fetch(`${server.url}/workflow/state`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(body),
          }),
        );
        await answers.at(-1)?.text();
      }
      const counted = (status: number) => answers.filter((answer) => answer.status === status);
      expect(counted(200)).toHaveLength(commandBurst);
      expect(counted(429)).toHaveLength(rateRefusals + 10);
      expect(counted(429)[0]?.headers.get("connection")).not.toBe("close");
      expect(answers.at(-1)?.headers.get("connection")).toBe("close");
    },
  );
});
