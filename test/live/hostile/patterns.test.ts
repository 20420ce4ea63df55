/** Patterns that drivers and operators write, against a real server: it answers at once, whatever they are. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { decodeRecord, encodeRecord } from "../../../server/state/store/record.js";
import { within } from "../../support/deadline.js";
import type { LiveServer } from "../../support/servers/liveServer.js";
import { runnerTest as test } from "../../support/servers/runnerWorld.js";

const EVIL = `${"a".repeat(60)}!`;

const asked = (fields: object) => ({
  workflow_id: "q",
  status: "blocked",
  steps: [{ action: "x", status: "blocked" }],
  block_info: { id: "q1", step: 0, block_reason: "question", prompt: "?", fields },
});
const patterned = (...patterns: string[]) =>
  Object.fromEntries(patterns.map((pattern, index) => [`f${index}`, { type: "string", pattern }]));
const ask = (server: LiveServer, fields: object, method = "POST") =>
  server.call(method, "/workflow/state", { body: asked(fields) });
const answer = (server: LiveServer, values: object) =>
  server.call("POST", "/workflow/answer", { body: { workflow_id: "q", answer: values } });

describe("a pattern in a driver's question", () => {
  test("a pattern in a driver's question that would take a backtracking matcher years is answered at once", async ({
    serve,
  }) => {
    const server = await serve();
    expect((await ask(server, patterned("^(a+)+$"))).status).toBe(200);
    const refused = await within(answer(server, { f0: EVIL }), () => "the answer");
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([{ path: "answer.f0", message: "must match ^(a+)+$" }]);
    expect((await server.get("/healthz")).status).toBe(200);
    expect((await answer(server, { f0: "aaa" })).status).toBe(200);
  });

  test("a pattern in a driver's question costs a bounded time also with as many and as long values as there may be", async ({
    serve,
  }) => {
    const server = await serve();
    const patterns = Array.from({ length: 50 }, (_, i) => `^(?:(?:a|b${i})+c?)+[xy]$`);
    expect((await ask(server, patterned(...patterns))).status).toBe(200);
    const values = Object.fromEntries(patterns.map((_, i) => [`f${i}`, "a".repeat(8_192)]));
    const refused = await within(answer(server, values), () => "the answer");
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("is too long for its pattern");
  });

  for (const [name, pattern, why] of [
    ["a lookahead", "^(?=a)b$", "must not use a lookahead, (?=…), at character 2"],
    ["a back-reference", "(a)\\1", "must not use a back-reference (\\1), at character 4"],
    ["no end", "(", "is not a regular expression: Unterminated group, at character 1"],
    ["a million repetitions", "(a{1000}){1000}", "must not repeat more than 1000 times"],
  ] as const) {
    for (const method of ["POST", "PATCH"]) {
      test(`a pattern in a driver's question with ${name} is refused at ${method}, and nothing is changed`, async ({
        serve,
      }) => {
        const server = await serve();
        const before = await server.saved({ workflow_id: "q", steps: [{ action: "x" }] });
        const fields = { ok: { type: "boolean" }, bad: { type: "string", pattern } };
        const refused = await ask(server, fields, method);
        expect(refused.status).toBe(400);
        const [error] = refused.body.errors;
        expect(error?.path).toBe("block_info.fields.bad.pattern");
        expect(error?.message).toContain(why);
        expect(refused.body.message).toContain("block_info.fields.bad.pattern: ");
        expect((await server.get()).body.revision).toBe(before.revision);
      });
    }
  }

  test("a pattern in a driver's question is refused in a frame too", async ({ serve }) => {
    const server = await serve();
    const tab = await server.openTab();
    const { workflow_id: _id, ...state } = asked(patterned("(?<=a)b"));
    const refused = await tab.ask({ kind: "save", workflow_id: "q", state });
    expect(refused).toMatchObject({
      type: "refused",
      code: "bad_message",
      errors: [{ path: "block_info.fields.f0.pattern" }],
    });
  });

  test("patterns in a driver's question are refused where a thousand of them are too much together", async ({
    serve,
  }) => {
    const server = await serve();
    const many = Array.from({ length: 1_000 }, (_, i) => `[a-z]{0,400}${i}`);
    const refused = await within(ask(server, patterned(...many)), () => "the answer");
    expect(refused.body.errors[0]?.message).toBe("is too large together with the other patterns");
  });

  test("a pattern in a driver's question that was saved when such were taken does not keep the server from starting", async ({
    serve,
  }) => {
    const server = await serve();
    await ask(server, { f0: { type: "string" }, f1: { type: "boolean" } });
    await server.stop();
    const folder = join(server.dataDir, "workflows");
    const [name] = (await readdir(folder)).filter((file) => file.endsWith(".json"));
    const record = decodeRecord(await readFile(join(folder, name!), "utf8"));
    const old = JSON.parse(JSON.stringify(record));
    old.state.block_info.fields.f0.pattern = "^(?=a)";
    await writeFile(join(folder, name!), encodeRecord(old));

    await server.restart();
    const kept = await server.get("/workflow/state?workflow_id=q");
    expect(kept.body.state.block_info?.fields).toMatchObject({ f0: { pattern: "^(?=a)" } });
    const refused = await answer(server, { f0: "abc" });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toEqual([
      {
        path: "answer.f0",
        message:
          "cannot be checked, for its pattern must not use a lookahead, (?=…), at character 2",
      },
    ]);
    // A value that is not held against the pattern is taken.
    expect((await answer(server, { f1: true })).status).toBe(200);
  });
});

describe("a pattern in a definition", () => {
  test("a pattern in a definition that would take a backtracking matcher years is answered at once", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      "name: one\ninputs: { host: { type: string, pattern: '^([a-z0-9]+)+$' } }\nsteps: [{ action: a, run: echo a }]\n",
    );
    const start = world.command("start", { name: "one", inputs: { host: EVIL } });
    const refused = await within(start, () => "the answer");
    expect(refused.body.errors).toEqual([
      { path: "inputs.host", message: "must match ^([a-z0-9]+)+$" },
    ]);
  });

  test("a pattern in a definition is refused with line, column, field and the place in it", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define(
      "one.yaml",
      "name: one\ninputs:\n  host: { type: string, pattern: '^(?!x)' }\nsteps:\n  - { action: a, run: b, progress: '(a)\\1' }\n",
    );
    const { body } = await world.server.get("/workflow/definitions");
    expect(body.problems).toEqual([
      {
        file: "one.yaml",
        line: 3,
        column: 25,
        field: "inputs.host.pattern",
        message: "must not use a lookahead, (?!…), at character 2",
      },
      expect.objectContaining({
        line: 5,
        field: "steps.0.progress",
        message: "must not use a back-reference (\\1), at character 4",
      }),
    ]);
  });

  test("a pattern of progress in a definition is held against any output without holding the server up", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const lines = `yes ${"a".repeat(4_000)} | head -n 2000; yes ${"1".repeat(4_000)} | head -n 200; echo aaa42%`;
    for (const [name, progress] of [
      ["own", "'(?:a+)+(\\d+)%$'"],
      ["rsync", "rsync"],
    ]) {
      world.define(
        `${name}.yaml`,
        `name: ${name}\nsteps:\n  - { action: a, run: ${JSON.stringify(lines)}, progress: ${progress} }\n`,
      );
      const id = await world.start(name!);
      const end = await within(world.ended(id), () => "the answer");
      expect(end.status).toBe("completed");
      if (name === "own") expect(end.steps[0]?.progress).toBe(0.42);
    }
  });
});
