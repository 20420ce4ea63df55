/** A host that says itself who calls: at every door, by a session that may end meanwhile, and with its users' names in the state. */
import type { IncomingMessage } from "node:http";
import { describe, expect } from "vitest";
import { type AccessToken, defineWorkflow, type Who } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

/** Sessions by their cookie. */
class Sessions {
  readonly known = new Map<string, Who>();
  asked = 0;

  readonly authorize = async ({ headers }: IncomingMessage): Promise<Who | null> => {
    this.asked += 1;
    const [, name = ""] = /session=(\w+)/.exec(headers.cookie ?? "") ?? [];
    if (name === "broken") throw new Error("no session store at 10.0.0.9");
    return this.known.get(name) ?? null;
  };
}

const cookie = (name: string) => ({ Cookie: `session=${name}` });
const SCRIPT: AccessToken = { token: "a-token-of-a-script", can: "drive", name: "nightly" };
const SCRIPTS = { Authorization: `Bearer ${SCRIPT.token}` };

async function world(serve: (options: object) => Promise<LiveServer>) {
  const sessions = new Sessions();
  sessions.known.set("ann", { user: "ann", can: "drive" });
  sessions.known.set("bob", { user: "<b>Bob</b> 🦊", can: "drive" });
  sessions.known.set("eve", { user: "eve", can: "watch", workflows: ["mine-*"] });
  const definitions = [
    defineWorkflow({
      name: "ask",
      steps: [
        {
          action: "gate",
          run: async (step) => {
            await step.ask({ prompt: "Go on?", fields: { sure: { type: "boolean" } } });
          },
        },
      ],
    }),
  ];
  const { authorize } = sessions;
  const server = await serve({ authorize, tokens: [SCRIPT], definitions });
  return { server, sessions };
}

describe("a host that says who calls", () => {
  liveTest("a user of the host is let in at every door, and nobody else is", async ({ serve }) => {
    const { server } = await world(serve);
    await server.saved({ workflow_id: "a", steps: [{ action: "x" }] }, cookie("ann"));
    const paths = [
      "/workflow/state?workflow_id=a",
      "/workflow/state/summary",
      "/workflow/state/steps/0/log?workflow_id=a",
      "/workflows",
      "/workflow/definitions",
    ];
    for (const path of paths) {
      expect([path, (await server.get(path, cookie("ann"))).status]).toEqual([path, 200]);
      expect([path, (await server.get(path)).status]).toEqual([path, 401]);
      const broken = await server.get(path, cookie("broken"));
      expect([path, broken.status, broken.body.code]).toEqual([path, 503, "unavailable"]);
      expect(broken.text).not.toContain("10.0.0.9");
    }
    const { tab, hello } = await server.greet({ headers: cookie("ann") });
    expect(hello).toMatchObject({ user: "ann", can: ["watch", "drive"] });
    tab.subscribe("a");
    expect((await tab.take("snapshot")).state).toMatchObject({ workflow_id: "a" });
    await expect(server.openTab()).rejects.toThrow("401");
    await expect(server.openTab({ headers: cookie("broken") })).rejects.toThrow("503");
  });

  liveTest("a user sees and does what the host says", async ({ serve }) => {
    const { server } = await world(serve);
    await server.saved({ workflow_id: "mine-1" }, cookie("ann"));
    await server.saved({ workflow_id: "theirs" }, cookie("ann"));
    const read = (id: string) => server.get(`/workflow/state?workflow_id=${id}`, cookie("eve"));
    expect([(await read("mine-1")).status, (await read("theirs")).status]).toEqual([200, 403]);
    const saved = await server.call("POST", "/workflow/state", {
      body: { workflow_id: "mine-1" },
      headers: cookie("eve"),
    });
    expect(saved.status).toBe(403);
    const { tab, hello } = await server.greet({ headers: cookie("eve") });
    expect(hello.can).toEqual(["watch"]);
    tab.send({ type: "subscribe", workflow_id: "theirs" });
    expect(await tab.take("refused")).toMatchObject({ code: "forbidden" });
  });

  liveTest(
    "a token that is known counts without the host, and one that is not is a guess where the host does not know it either",
    async ({ serve }) => {
      const { server, sessions } = await world(serve);
      const asked = () => sessions.asked;
      const before = asked();
      expect((await server.get("/workflows", SCRIPTS)).status).toBe(200);
      expect(asked()).toBe(before);
      const jwt = { Authorization: "Bearer a.jwt.of-the-host", ...cookie("ann") };
      expect((await server.get("/workflows", jwt)).status).toBe(200);
      const statuses = new Set<number>();
      for (let i = 0; i < 40; i++) {
        const guess = { Authorization: `Bearer guess-${i}` };
        statuses.add((await server.get("/workflows", guess)).status);
      }
      expect(statuses).toEqual(new Set([401, 429]));
      expect((await server.get("/workflows", SCRIPTS)).status).toBe(200);
    },
  );

  liveTest(
    "a session that ends cuts off its sockets and what REST holds for it, and nobody else's",
    async ({ serve }) => {
      const { server, sessions } = await world(serve);
      await server.saved({ workflow_id: "a", steps: [{ action: "x" }] }, cookie("ann"));
      const { headers } = await server.get("/workflow/state", cookie("ann"));
      const tag = headers.get("etag") ?? "";
      const gone = await server.openTab({ headers: cookie("ann") });
      const kept = await server.openTab({ headers: cookie("bob") });
      const log = await fetch(`${server.url}/workflow/state/steps/0/log?follow=1`, {
        headers: cookie("ann"),
      });
      const asked = sessions.asked;
      const path = "/workflow/state?wait=60s";
      const held = server.get(path, { ...cookie("ann"), "If-None-Match": tag }).then(
        () => "answered",
        () => "cut off",
      );
      await until(() => sessions.asked > asked, "the answer is asked for");
      sessions.known.delete("ann");
      await server.instep.authorizeAgain("ann");
      expect((await gone.closed).code).toBe(4401);
      expect(await held).toBe("cut off");
      await expect(log.text()).rejects.toThrow();
      expect((await server.get("/workflow/state", cookie("ann"))).status).toBe(401);
      await kept.accepted({ kind: "save", merge: true, state: { title: "goes on" } });
    },
  );

  liveTest("a session that ended is noticed by the clock, too", async ({ serve }) => {
    const { server, sessions } = await world(serve);
    const tab = await server.openTab({ headers: cookie("ann") });
    sessions.known.set("ann", { user: "ann", can: "watch" });
    server.clock.advance(60_000);
    expect((await tab.closed).code).toBe(4401);
    const { hello } = await server.greet({ headers: cookie("ann") });
    expect(hello.can).toEqual(["watch"]);
  });

  liveTest("a server that stops does not wait for a host that hangs", async ({ serve }) => {
    let asked = 0;
    const authorize = () => {
      asked += 1;
      return new Promise<null>(() => {});
    };
    const server = await serve({ authorize });
    const call = server.get("/workflows").then(
      ({ status }) => status,
      () => 0,
    );
    const upgrade = server.openTab().catch((error: unknown) => error);
    await until(() => asked === 2, "both are asked about");
    await server.stop();
    expect([0, 503]).toContain(await call);
    expect(await upgrade).toBeInstanceOf(Error);
    expect(server.clock.waiting).toBe(0);
  });
});

describe("who did it", () => {
  liveTest("the state names the user, whatever a client says of itself", async ({ serve }) => {
    const { server } = await world(serve);
    const post = async (path: string, body: object, headers: Record<string, string>) => {
      const answer = await server.call("POST", path, { body, headers });
      expect([path, answer.text, answer.status < 300]).toEqual([path, answer.text, true]);
      return answer.body;
    };
    const stateOf = async (id: string) =>
      (await server.get(`/workflow/state?workflow_id=${id}`, cookie("ann"))).body.state;
    const start = { name: "ask", workflow_id: "w", by: "root" };
    await post("/workflow/start", start, cookie("ann"));
    await until(async () => (await stateOf("w")).status === "blocked", "it asks");
    expect((await stateOf("w")).started_by).toBe("ann");
    const answer = { workflow_id: "w", answer: { sure: true }, by: "ann" };
    await post("/workflow/answer", answer, cookie("bob"));
    await until(async () => (await stateOf("w")).status === "completed", "it ends");
    expect((await stateOf("w")).steps[0]?.answered?.by).toBe("<b>Bob</b> 🦊");
    const { workflow_id: again } = await post(
      "/workflow/retry",
      { workflow_id: "w", from: 0, by: "ann" },
      SCRIPTS,
    );
    expect((await stateOf(again)).started_by).toBe("nightly");
    await post("/workflow/stop", { workflow_id: again }, cookie("bob"));
    expect((await stateOf(again)).stopped_by).toBe("<b>Bob</b> 🦊");
  });

  liveTest(
    "a driver from outside starts as who it is, and takes nobody's name away",
    async ({ serve }) => {
      const { server } = await world(serve);
      const { workflow_id } = await server.saved(
        { workflow_id: "d", started_by: "root" },
        cookie("ann"),
      );
      const tab = await server.openTab({ headers: SCRIPTS });
      const { token } = await tab.accepted({ kind: "claim", workflow_id, driver: "build.py" });
      const state = { workflow_id, started_by: "root", status: "running" };
      await tab.accepted({ kind: "save", state }, { token });
      await tab.accepted(
        { kind: "save", merge: true, state: { workflow_id, started_by: null } },
        { token },
      );
      const { body } = await server.get("/workflow/state?workflow_id=d", cookie("ann"));
      expect(body.state).toMatchObject({
        started_by: "ann",
        driver: { name: "nightly (build.py)" },
      });
    },
  );
});
