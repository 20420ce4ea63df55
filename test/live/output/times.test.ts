/** When output came, as it is told: by REST for any part of it, and with each frame of a followed log. */
import { describe, expect } from "vitest";
import { printed } from "../../support/links/output.js";
import { cliTest, type Started } from "../../support/servers/builtCommand.js";
import { type LiveServer, liveTest } from "../../support/servers/liveServer.js";

const W = { workflow_id: "w", steps: [{ action: "build" }, { action: "ship" }] };
const BUILD = ["w", 0] as const;
const TIMES = "/workflow/state/steps/0/log/times";

const times = async (server: LiveServer, query = "") => {
  const { status, body } = await server.get(`${TIMES}?workflow_id=w${query}`);
  return status === 200 ? body : [status, body.code];
};

/** Three lines, a second apart; when the first came. */
async function threeLines(server: LiveServer): Promise<number> {
  const first = server.clock.now();
  await server.saved(W);
  for (const line of ["one\n", "two\n", "three\n"]) {
    await printed(server, BUILD, line);
    server.clock.advance(1_000);
  }
  return first;
}

describe("the times of output", () => {
  liveTest(
    "the time when output came is had for all of it and for any part, also after a restart",
    async ({ serve }) => {
      const server = await serve();
      const first = await threeLines(server);
      const all = {
        ...{ success: true, workflow_id: "w", step: 0, attempt: 1, from: 0, next: 14 },
        times: [
          [0, first],
          [4, first + 1_000],
          [8, first + 2_000],
        ],
      };
      expect(await times(server)).toEqual(all);
      const part = { from: 5, next: 9, times: [...[[5, first + 1_000]], [8, first + 2_000]] };
      expect(await times(server, "&from=5&to=9")).toMatchObject(part);
      expect(await times(server, "&from=500")).toMatchObject({ from: 14, next: 14, times: [] });
      expect(await times(server, "&from=9&to=4")).toMatchObject({ from: 9, next: 9, times: [] });
      expect(await times(server, "&to=500")).toMatchObject({ next: 14 });
      await server.restart();
      expect(await times(server)).toEqual(all);
    },
  );

  liveTest("the time when output came is asked for like the output itself", async ({ serve }) => {
    const server = await serve();
    await threeLines(server);
    await printed(server, BUILD, "again\n", "&attempt=2");
    expect(await times(server)).toMatchObject({ attempt: 2, next: 6 });
    expect(await times(server, "&attempt=1")).toMatchObject({ attempt: 1, next: 14 });
    expect(await times(server, "&attempt=7")).toMatchObject({ next: 0, times: [] });
    expect(await times(server, "&epoch=another")).toEqual([404, "unknown_workflow"]);
    for (const wrong of ["&from=x", "&to=-1", "&attempt=0"])
      expect(await times(server, wrong)).toEqual([400, "bad_message"]);
    const missing = await server.get(`/workflow/state/steps/9/log/times?workflow_id=w`);
    expect([missing.status, missing.body.code]).toEqual([404, "unknown_step"]);
  });

  liveTest("times make no frame many times as long: the rest is had by REST", async ({ serve }) => {
    const server = await serve();
    await server.saved(W);
    const begun = server.clock.now();
    for (let i = 0; i < 1_100; i++) {
      await printed(server, BUILD, "x");
      server.clock.advance(1);
    }
    const tab = await server.openTab();
    tab.send({ type: "follow_log", workflow_id: "w", step: 0 });
    const { at = [], next } = await tab.take("log");
    expect([next, at.length, at.at(-1)]).toEqual([1_100, 1_025, [1_024, null]]);
    expect(await times(server, "&from=1024")).toMatchObject({
      next: 1_100,
      times: Array.from({ length: 76 }, (_, i) => [1_024 + i, begun + 1_024 + i]),
    });
  });

  liveTest("the time when output came comes with what is followed", async ({ serve }) => {
    const server = await serve();
    const first = await threeLines(server);
    const tab = await server.openTab();
    tab.send({ type: "follow_log", workflow_id: "w", step: 0, from: 2 });
    expect((await tab.take("log")).at).toEqual([
      [2, first],
      [4, first + 1_000],
      [8, first + 2_000],
    ]);
    server.clock.setWall(first - 3_600_000);
    await printed(server, BUILD, "the clock was set back\n");
    expect((await tab.take("log")).at).toEqual([[14, first - 3_600_000]]);
  });
});

describe("output with timestamps", () => {
  const LOG = "/workflow/state/steps/0/log?workflow_id=w&timestamps=1";

  liveTest(
    "output with timestamps says before each line when its first byte came",
    async ({ serve }) => {
      const server = await serve();
      const first = await threeLines(server);
      for (const part of ["begun, ", "ended\n", "\n", "no end"]) {
        await printed(server, BUILD, part);
        server.clock.advance(1_000);
      }
      const at = (seconds: number) => new Date(first + seconds * 1_000).toISOString();
      const lines = [
        `${at(0)} one\n${at(1)} two\n${at(2)} three\n`,
        `${at(3)} begun, ended\n${at(5)} \n${at(6)} no end`,
      ].join("");
      const all = await server.get(LOG);
      expect([all.text, all.headers.get("instep-log-next")]).toEqual([lines, "34"]);
      expect((await server.get(`${LOG}&from=8`)).text).toBe(lines.slice(lines.indexOf(at(2))));
      expect((await server.get(LOG, { Range: "bytes=0-1" })).status).toBe(200);
      expect((await server.get(`${LOG}&to=4`)).status).toBe(400);
      await server.call("PATCH", "/workflow/state/steps/0?workflow_id=w", {
        body: { status: "completed" },
      });
      expect((await server.get(`${LOG}&follow=1`)).text).toBe(lines);
    },
  );

  liveTest(
    "output with timestamps goes on in a long line, and over what was left out",
    async ({ serve }) => {
      const server = await serve({ limits: { outputBytes: 1_024 } });
      const first = server.clock.now();
      await server.saved(W);
      const [long, last] = ["x".repeat(200_000), "last\n"];
      await printed(server, BUILD, `${long}\n`);
      server.clock.advance(1_000);
      await printed(server, BUILD, last);
      const { text } = await server.get(LOG);
      const stamps = [...text.matchAll(/^(\S+Z|-) /gm)].map((found) => found[1]);
      const at = (ms: number) => new Date(first + ms).toISOString();
      expect([stamps[0], stamps.at(-1)]).toEqual([at(0), at(1_000)]);
      expect(text).toMatch(/^\[instep: \d+ bytes left out\]$/m);
    },
  );
});

cliTest("every acknowledged byte has its time after a kill", async ({ serve }) => {
  let server: Started = await serve();
  const begun = Date.now();
  await fetch(`${server.url}/workflow/state`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(W),
  });
  const append = (at: number) =>
    fetch(`${server.url}/workflow/state/steps/0/log?at=${at}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: "a line as it comes\n".repeat(20),
    });
  let end = 0;
  /** When each part was sent and was answered. */
  const sent: { from: number; next: number; after: number; before: number }[] = [];
  for (let life = 0; life < 3; life++) {
    for (let answered = 0; ; answered++) {
      const after = Date.now();
      const asked = append(end);
      if (answered === 20 + life) server.process.signal("SIGKILL");
      const answer = await asked.then((got) => (got.ok ? got.json() : null)).catch(() => null);
      if (answer === null) break;
      sent.push({ from: end, next: answer.next, after, before: Date.now() });
      end = answer.next;
    }
    await server.process.exitCode;
    server = await serve();
    const log = await fetch(`${server.url}/workflow/state/steps/0/log?tail=0`);
    end = Number(log.headers.get("instep-log-next"));
  }
  const told = await (await fetch(server.url + TIMES)).json();
  expect(told.next).toBe(end);
  const timeOf = (place: number) =>
    (told.times as [number, number | null][]).findLast(([offset]) => offset <= place)![1];
  for (const { from, next, after, before } of sent)
    for (const place of [from, next - 1]) {
      expect(timeOf(place)).toBeGreaterThanOrEqual(after);
      expect(timeOf(place)).toBeLessThanOrEqual(before);
    }
  for (const [, at] of told.times)
    if (at !== null) {
      expect(at).toBeGreaterThanOrEqual(begun);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
});
