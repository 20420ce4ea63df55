/** `GET /workflows` with filters, orders and cursors: over all there is, open ones and history. */
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const ids = async (server: LiveServer, query: string, headers = {}) => {
  const { body } = await server.get(`/workflows?${query}`, headers);
  return body.workflows.map(({ workflow_id }) => workflow_id);
};

/** Ended ones, moved to the history. */
async function past(server: LiveServer, ...states: object[]): Promise<void> {
  for (const state of states) await server.saved({ status: "completed", ...state });
  server.clock.advance(30_000);
  await until(
    async () =>
      (await server.get("/workflows?limit=1000")).body.workflows.every((one) => one.in_history),
    "all are in the history",
  );
}

describe("a search", () => {
  liveTest(
    "a search finds words, definitions' names, inputs and times in the whole history",
    async ({ serve }) => {
      const server = await serve({ history: 1_000 });
      const old = Array.from({ length: 300 }, (_, n) => ({
        workflow_id: `old-${n}`,
        title: n === 7 ? "Rotate the Certificates" : "Backup",
        inputs: { host: `web-${n}`, dry: n % 2 === 0 },
        start_time: new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString(),
      }));
      await past(server, ...old);
      await server.saved({ workflow_id: "now", title: "rotate", error_message: "disk full" });
      expect(await ids(server, "q=rotate%20CERT")).toEqual(["old-7"]);
      expect(await ids(server, "q=ROTATE")).toEqual(["now", "old-7"]);
      expect(await ids(server, "q=disk")).toEqual(["now"]);
      expect(await ids(server, "input=host%3Dweb-7")).toEqual(["old-7"]);
      expect(await ids(server, "input=host%3Dweb-&limit=1000")).toEqual([]);
      expect(await ids(server, "input=dry%3Dtrue&q=web-29")).toEqual(
        [298, 296, 294, 292, 290].map((n) => `old-${n}`),
      );
      const range = "from=2025-01-01T00:10:00Z&to=2025-01-01T01:12:00%2B01:00";
      expect(await ids(server, range)).toEqual(["old-11", "old-10"]);
      expect(await ids(server, "definition=nobody-has-it")).toEqual([]);
      const { body } = await server.get("/workflows?q=rotate&status=failed&counts=1");
      expect([body.workflows, body.counts]).toEqual([[], { completed: 1, running: 1 }]);
    },
  );

  liveTest(
    "a search sees no more than its token, in lines, counts and pages",
    async ({ serve }) => {
      const tokens = [
        { token: "all-token", can: "drive" },
        { token: "bound-token", can: "watch", workflows: ["mine-*"] },
      ] as const;
      const all = { Authorization: "Bearer all-token" };
      const bound = { Authorization: "Bearer bound-token" };
      const server = await serve({ tokens });
      for (let n = 0; n < 6; n++) {
        const workflow_id = `${n % 2 === 0 ? "mine" : "theirs"}-${n}`;
        const start_time = new Date(Date.UTC(2025, 0, 1 + n)).toISOString();
        const inputs = { host: "canary" };
        await server.saved({ workflow_id, title: "canary", inputs, start_time }, all);
      }
      for (const query of [
        "q=canary",
        "q=theirs",
        "input=host",
        "sort=name",
        "q=theirs&sort=-started",
      ])
        for (const id of await ids(server, query, bound)) expect(id).toMatch(/^mine-/);
      const first = await server.get("/workflows?sort=name&limit=2&counts=1", bound);
      expect(first.body.counts).toEqual({ running: 3 });
      const next = `/workflows?sort=name&limit=2&cursor=${first.body.next}`;
      const second = await server.get(next, bound);
      expect(
        [...first.body.workflows, ...second.body.workflows].map((one) => one.workflow_id),
      ).toEqual(["mine-4", "mine-2", "mine-0"]);
      expect(second.body.next).toBe(null);
    },
  );

  liveTest("a search does not tell by its finds what it does not show", async ({ serve }) => {
    const server = await serve();
    await server.saved({
      workflow_id: "w",
      inputs: { target: "canary", secrets: "canary", open: "seen" },
      hidden_inputs: ["target"],
      secrets: "canary",
    });
    for (const query of ["q=canary", "input=target", "input=target%3Dcanary", "input=secrets"])
      expect(await ids(server, query)).toEqual([]);
    expect(await ids(server, "input=open%3DSEEN")).toEqual(["w"]);
  });
});

describe("pages", () => {
  liveTest.for([
    "-started",
    "started",
    "-duration",
    "duration",
    "status",
    "-status",
    "name",
    "-name",
  ])(
    "pages in the order %s miss and double nothing that stays, while others come, change and go",
    async (sort, { serve }) => {
      const server = await serve();
      const statuses = ["running", "blocked", "completed", "failed", "cancelled"];
      for (let n = 0; n < 23; n++)
        await server.saved({
          workflow_id: `stays-${n}`,
          title: `Title ${(n * 7) % 10}`,
          status: statuses[n % 5],
          start_time: new Date(Date.UTC(2025, 0, 1 + ((n * 5) % 9))).toISOString(),
        });
      for (let n = 0; n < 5; n++)
        await server.saved({ workflow_id: `goes-${n}`, title: "Title 3" });
      const seen: string[] = [];
      let cursor: string | null = "";
      for (let page = 0; cursor !== null; page++) {
        const from = cursor === "" ? "" : `&cursor=${cursor}`;
        const { body } = await server.get(`/workflows?sort=${sort}&limit=4${from}`);
        seen.push(...body.workflows.map(({ workflow_id }) => workflow_id));
        cursor = body.next;
        await server.call("DELETE", `/workflow/state?workflow_id=goes-${page}`);
        await server.saved({ workflow_id: `comes-${page}`, title: "Title 5", status: "failed" });
        server.clock.advance(1_000);
      }
      const stayed = seen.filter((id) => id.startsWith("stays-"));
      expect(stayed.toSorted()).toEqual(
        Array.from({ length: 23 }, (_, n) => `stays-${n}`).toSorted(),
      );
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  liveTest(
    "pages of a list go on by `cursor` also where no order was asked for",
    async ({ serve }) => {
      const server = await serve();
      for (let n = 0; n < 5; n++) await server.saved({ workflow_id: `w${n}` });
      const { next } = (await server.get("/workflows?limit=3")).body;
      expect(await ids(server, `limit=3&cursor=${next}`)).toEqual(["w1", "w0"]);
    },
  );
});

describe("filters that are not understood", () => {
  liveTest.for([
    ["sort", "sort=id"],
    ["sort", "sort=--name"],
    ["from", "from=yesterday"],
    ["from", "from=2025-02-30T00:00:00Z"],
    ["to", "to=2025-01-01T00:00:00"],
    ["input", "input=%3Dx"],
    ["q", `q=${"x".repeat(201)}`],
    ["q", `q=${"x+".repeat(11)}`],
    ["cursor", "cursor=abc"],
    ["cursor", "sort=name&cursor=7"],
    ["cursor", `sort=name&cursor=${Buffer.from('["-name",1,"x",1,"e"]').toString("base64url")}`],
    ["cursor", `sort=name&cursor=${Buffer.from('["name",1,5,1,"e"]').toString("base64url")}`],
    ["before", "sort=name&before=3"],
    ["before", "cursor=3&before=3"],
    ["counts", "counts=all"],
  ])(
    "a filter that is not understood is refused by its name: %s in %s",
    async ([name, query], { serve }) => {
      const { status, body } = await (await serve()).get(`/workflows?${query}`);
      expect([status, body.code, body.errors.map(({ path }) => path)]).toEqual([
        400,
        "bad_message",
        [name],
      ]);
    },
  );

  liveTest("empty filters ask for nothing", async ({ serve }) => {
    const server = await serve();
    await server.saved({ workflow_id: "w" });
    expect(await ids(server, "q=&definition=&input=")).toEqual(["w"]);
    expect(await ids(server, "status=&from=&to=&sort=&limit=&counts=")).toEqual(["w"]);
    for (const place of ["cursor=", "before=", "cursor=&sort=name"])
      expect(await ids(server, place)).toEqual(["w"]);
  });
});
