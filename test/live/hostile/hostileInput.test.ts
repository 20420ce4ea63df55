/** Hostile ids and hostile JSON: refused clearly at both doors, and nothing is written outside the data folder. */
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect } from "vitest";
import { witness } from "../../support/model/witness.js";
import { liveTest } from "../../support/servers/liveServer.js";

const STATE = "/workflow/state";

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("ids", () => {
  const REFUSED = [
    "__proto__",
    "../../x",
    "../..",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a\u0000b",
    "-rf",
    ".hidden",
    " a",
    "",
    "ä",
    "a\u0301",
    "current",
    "*",
    "x".repeat(129),
    "x".repeat(200),
    42,
    null,
    ["a"],
    { $gt: "" },
  ];

  liveTest("ids that are none are refused at both doors, and leave no file", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const around = dirname(server.dataDir);
    const before = [await readdir(around), await readdir(server.dataDir, { recursive: true })];
    const tab = await server.openTab();
    for (const workflow_id of REFUSED) {
      const state = { workflow_id, name: "x" };
      const answer = await server.call("POST", STATE, { body: state });
      expect([workflow_id, answer.status]).toEqual([workflow_id, 400]);
      expect(await tab.ask({ kind: "save", state })).toMatchObject({ code: "bad_message" });
      if (typeof workflow_id !== "string" || workflow_id === "current") continue;
      const path = `${STATE}?workflow_id=${encodeURIComponent(workflow_id)}`;
      expect([workflow_id, (await server.get(path)).status]).toEqual([workflow_id, 400]);
      expect((await server.call("DELETE", path)).status).toBe(400);
    }
    expect([await readdir(around), await readdir(server.dataDir, { recursive: true })]).toEqual(
      before,
    );
    await isUnharmed();
  });

  liveTest("ids that only look odd are kept apart, also over a restart", async ({ serve }) => {
    const server = await serve();
    const ids = [
      "constructor",
      "toString",
      "CON",
      "con",
      "nul.json",
      "a",
      "A",
      "a.",
      "a:b",
      "0",
      "x".repeat(128),
    ];
    for (const [i, workflow_id] of ids.entries()) await server.saved({ workflow_id, i });
    await server.restart();
    for (const [i, workflow_id] of ids.entries()) {
      const { body } = await server.get(`${STATE}?workflow_id=${encodeURIComponent(workflow_id)}`);
      expect(body.state).toMatchObject({ workflow_id, i });
    }
    const tab = await server.openTab();
    tab.subscribe("constructor");
    expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "constructor" });
    tab.subscribe("hasOwnProperty");
    expect(await tab.take("closed")).toMatchObject({ reason: "unknown" });
    for (const name of await readdir(server.dataDir, { recursive: true })) {
      expect(name).toMatch(/^[a-z0-9._/-]+$/);
    }
  });
});

describe("JSON", () => {
  const POLLUTION = ["__proto__", "constructor", "prototype"].flatMap((key) => [
    `{"workflow_id":"p","${key}":{"x":1}}`,
    `{"workflow_id":"p","deep":{"er":[{"${key}":{"x":1}}]}}`,
    `{"workflow_id":"p","steps":[{"action":"a","data":{"${key}":{"x":1}}}]}`,
  ]);

  liveTest("JSON that reaches for a prototype is refused at any depth", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const tab = await server.openTab();
    for (const body of POLLUTION) {
      const answer = await server.call("POST", STATE, { body });
      expect([body, answer.status, answer.body.code]).toEqual([body, 400, "bad_message"]);
      tab.send(`{"type":"propose","request_id":"p","command":{"kind":"save","state":${body}}}`);
      expect(await tab.take("refused")).toMatchObject({ code: "bad_message", request_id: "p" });
    }
    tab.send('{"type":"ping","__proto__":{"x":1}}');
    expect(await tab.take("refused")).toMatchObject({ code: "bad_message" });
    expect(({} as { x?: number }).x).toBeUndefined();
    await isUnharmed();
  });

  liveTest("JSON that is nested too deeply is refused, however deeply", async ({ serve }) => {
    const server = await serve();
    const { isUnharmed } = await witness(server);
    const tab = await server.openTab();
    for (const depth of [64, 100, 10_000, 100_000]) {
      const answer = await server.call("POST", STATE, {
        body: `{"workflow_id":"d","x":${nested(depth)}}`,
      });
      expect([depth, answer.status, answer.body.code]).toEqual([depth, 400, "bad_message"]);
      tab.send(
        `{"type":"propose","request_id":"d","command":{"kind":"save","state":${nested(depth)}}}`,
      );
      expect(await tab.take("refused")).toMatchObject({ code: "bad_message" });
      tab.send(nested(depth));
      expect(await tab.take("refused")).toMatchObject({ code: "bad_message" });
    }
    expect((await server.call("POST", STATE, { body: `{"x":${nested(60)}}` })).status).toBe(200);
    await server.call("DELETE", STATE);
    await isUnharmed();
  });

  liveTest("JSON that makes a state too large is refused, also bit by bit", async ({ serve }) => {
    const server = await serve({ limits: { stateBytes: 50_000 } });
    const { isUnharmed } = await witness(server);
    const many = Array.from({ length: 1_001 }, () => ({ action: "a" }));
    const tooMany = await server.call("POST", STATE, { body: { steps: many } });
    expect([tooMany.status, tooMany.body.errors[0]?.path]).toEqual([400, "steps"]);
    await server.saved({ workflow_id: "growing" });
    let refused = 0;
    for (let i = 0; i < 20; i++) {
      const body = { [`part ${i}`]: "x".repeat(5_000) };
      const answer = await server.call("PATCH", STATE, { body });
      if (answer.status === 413) refused += 1;
    }
    expect(refused).toBeGreaterThan(9);
    expect((await server.get()).text.length).toBeLessThan(51_000);
    await server.call("DELETE", STATE);
    await isUnharmed();
  });
});

describe("an answer", () => {
  const inPlaces = (key: string, depth: number): string =>
    `${`{"${key}":`.repeat(depth)}1${"}".repeat(depth)}`;
  const list = (length: number, of: (i: number) => string) =>
    Array.from({ length }, (_, i) => of(i)).join(",");
  const LONG = "k".repeat(500_000);

  /** Faults of a state, each with the field that is named. */
  const REFUSED: Record<string, { body: string; path: RegExp }> = {
    "a key of 1,025 characters": { body: inPlaces("k".repeat(1_025), 1), path: /^k+…k+$/ },
    "a key of half a million": { body: inPlaces(LONG, 1), path: /^k+…k+$/ },
    "keys of 5,000 characters on one way": {
      body: inPlaces("k".repeat(1_000), 5),
      path: /^k+…k+$/,
    },
    "a long key in a step": {
      body: `{"steps":[{"action":"a","data":{"${LONG}":1}}]}`,
      path: /^steps\.0\.data\.k+…k+$/,
    },
    "a key of emoji": { body: inPlaces("🙂".repeat(600), 1), path: /^(🙂)+…(🙂)+$/u },
    "a forbidden key far down": {
      body: inPlaces("k".repeat(60), 60).replace("1", '{"__proto__":1}'),
      path: /^k+\..*__proto__$/,
    },
    "a thousand steps that are none": {
      body: `{"steps":[${list(1_000, () => '{"action":1}')}]}`,
      path: /^steps\.0\.action$/,
    },
    "half a million tasks that are none": {
      body: `{"steps":[{"action":"a","tasks":[${list(500_000, () => "1")}]}]}`,
      path: /^steps\.0\.tasks\.0$/,
    },
    "a time with half a million digits": {
      body: `{"start_time":"2026-01-01T00:00:00.${"0".repeat(500_000)}Z"}`,
      path: /^start_time$/,
    },
    "a status as long as a body": { body: `{"status":"${LONG}"}`, path: /^status$/ },
  };

  liveTest(
    "an answer that refuses names the place and says back no more than a line of it",
    async ({ serve }) => {
      const server = await serve();
      const { isUnharmed } = await witness(server);
      const tab = await server.openTab();
      for (const [name, { body, path }] of Object.entries(REFUSED)) {
        const answer = await server.call("POST", STATE, { body });
        expect([name, answer.status, answer.body.code]).toEqual([name, 400, "bad_message"]);
        expect(answer.body.errors[0]?.path, name).toMatch(path);
        expect(answer.text.length, name).toBeLessThan(8_000);
        tab.send(`{"type":"propose","request_id":"r","command":{"kind":"save","state":${body}}}`);
        const refused = await tab.take("refused");
        expect(refused).toMatchObject({ code: "bad_message", request_id: "r" });
        expect(JSON.stringify(refused).length, name).toBeLessThan(8_000);
      }
      const inputs = list(50_000, (i) => `"k${i}":[]`);
      tab.send(
        `{"type":"propose","request_id":"r","command":{"kind":"start","name":"x","inputs":{${inputs}}}}`,
      );
      const tooMany = { path: "command.inputs", message: "must have at most 100 entries" };
      expect(await tab.take("refused")).toMatchObject({ errors: [tooMany] });
      tab.send(`{"type":"ping",${list(50_000, (i) => `"no_such_${i}":1`)}}`);
      expect(JSON.stringify(await tab.take("refused")).length).toBeLessThan(8_000);
      await isUnharmed();
    },
  );

  liveTest("an answer to long keys that are within the bounds is the state", async ({ serve }) => {
    const server = await serve();
    const body = inPlaces("k".repeat(1_000), 4);
    expect((await server.call("POST", STATE, { body })).status).toBe(200);
    expect((await server.get()).body.state).toMatchObject(JSON.parse(body));
  });

  liveTest(
    "an answer has each workflow in one short line, whatever its texts are",
    async ({ serve }) => {
      const server = await serve();
      const tab = await server.openTab();
      tab.subscribe("*");
      await tab.take("snapshot");
      const text = "🙂".repeat(60_000);
      const steps = [{ action: text }];
      await server.saved({ workflow_id: "long", title: text, error_message: text, steps });
      server.clock.advance(1_000);
      const told = JSON.stringify(await tab.take("changed"));
      expect(told.length).toBeLessThan(4_000);
      expect(told).not.toMatch(/\\ud[89a-f]/);
      expect(told).toContain("🙂…🙂");
      expect((await server.get("/workflows")).text.length).toBeLessThan(4_000);
      expect((await server.get()).body.state).toMatchObject({ title: text });
    },
  );

  liveTest(
    "an answer is no state over the limit: numbers count as they are written again",
    async ({ serve }) => {
      const server = await serve({ limits: { stateBytes: 50_000 } });
      for (const number of ["1e20", "1e5", "-1e18", "1e-6", "1e21"]) {
        const body = `{"workflow_id":"n","numbers":[${list(9_000, () => number)}]}`;
        const answer = await server.call("POST", STATE, { body });
        const written = JSON.stringify(JSON.parse(body)).length;
        expect([number, answer.status]).toEqual([number, written > 50_000 ? 413 : 200]);
      }
    },
  );
});
