/** Connections and secrets by their type, whatever they are called: those who may only watch see `***`, everywhere and for good. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { RunnerWorld } from "../../../support/servers/runnerWorld.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const HOST = "canary.example.org";
const OTHER = "other-canary.example.org";
const tokens = [
  { token: "watch-token", can: "watch" },
  { token: "drive-token", can: "drive" },
] as const;
const WATCH = { Authorization: "Bearer watch-token" };
const DRIVE = { Authorization: "Bearer drive-token" };

const DEFINITION = `
name: one
inputs:
  target: { type: ssh, default: 'ssh ${HOST}' }
  open: { type: string }
steps:
  - action: ask
    ask:
      prompt: Where to?
      default: { second: 'ssh ${OTHER}' }
      deadline: 10m
      fields: { second: { type: ssh, default: 'ssh ${OTHER}' }, word: { type: string } }
  - { action: stop, run: 'exit 3' }
`;

const post = (world: RunnerWorld, path: string, body: object) =>
  world.server.call("POST", path, { body, headers: DRIVE });

async function stateAs(world: RunnerWorld, headers: Record<string, string>, id: string) {
  const answer = await world.server.get(`/workflow/state?workflow_id=${id}`, headers);
  return { text: answer.text, state: answer.body.state };
}

async function untilStatus(world: RunnerWorld, id: string, status: string) {
  for (;;) {
    const wait = `/workflow/state?workflow_id=${id}`;
    const { body, headers } = await world.server.get(wait, DRIVE);
    if (body.state?.status === status) return body.state;
    await world.server.get(`${wait}&wait=10s`, {
      ...DRIVE,
      "If-None-Match": headers.get("etag") ?? "",
    });
  }
}

describe("a connection under any name", () => {
  test("a connection under any name is hidden from watchers in inputs, questions, answers, frames, definitions and retries", async ({
    runnerWorld,
    folder,
  }) => {
    const world = await runnerWorld({ tokens });
    world.define("one.yaml", DEFINITION);
    const tab = await world.server.openTab({ headers: WATCH });
    tab.subscribe("w");
    tab.subscribe("*");
    const inputs = { target: `ssh root@${HOST}`, open: "seen" };
    await post(world, "/workflow/start", { name: "one", workflow_id: "w", inputs });
    tab.subscribe("w");
    await untilStatus(world, "w", "blocked");
    const asked = await stateAs(world, WATCH, "w");
    expect(asked.text).not.toContain("canary");
    expect(asked.state).toMatchObject({
      inputs: { target: "***", open: "seen" },
      block_info: {
        default: { second: "***" },
        fields: { second: { type: "ssh", default: "***" }, word: { type: "string" } },
      },
    });
    expect((await stateAs(world, DRIVE, "w")).state).toMatchObject({ inputs });

    const answer = { second: `ssh -p 22 a@${OTHER}`, word: "told" };
    await post(world, "/workflow/answer", { workflow_id: "w", answer });
    await untilStatus(world, "w", "failed");
    const ended = await stateAs(world, WATCH, "w");
    expect(ended.state.steps[0]).toMatchObject({ answer: { second: "***", word: "told" } });
    expect((await stateAs(world, DRIVE, "w")).state.steps[0]).toMatchObject({
      answer: { second: `ssh a@${OTHER}`, word: "told" },
    });

    await post(world, "/workflow/retry", { workflow_id: "w", from: 1 });
    const list = await world.server.get("/workflows", DRIVE);
    const again = list.body.workflows.find(({ workflow_id }) => workflow_id !== "w")!.workflow_id;
    await untilStatus(world, again, "failed");
    const definitions = await world.server.get("/workflow/definitions", WATCH);
    expect(definitions.text).toContain('"default":"***"');
    expect((await world.server.get("/workflow/definitions", DRIVE)).text).toContain(HOST);
    const heard = JSON.stringify(await tab.rest());

    // The definition is gone, and the server is another one.
    rmSync(join(folder, "workflows", "one.yaml"));
    await world.server.restart();
    for (const text of [
      ended.text,
      (await stateAs(world, WATCH, "w")).text,
      (await stateAs(world, WATCH, again)).text,
      definitions.text,
      (await world.server.get("/workflows", WATCH)).text,
      heard,
    ]) {
      expect(text).not.toContain("canary");
    }
    expect((await stateAs(world, WATCH, again)).state.inputs).toEqual({
      target: "***",
      open: "seen",
    });
    expect((await stateAs(world, DRIVE, again)).state.inputs).toEqual(inputs);
  });

  test("a connection under any name is hidden in what other drivers say and ask, whatever their fields look like", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ tokens });
    const fields = { second: { type: "ssh", default: HOST, odd: true }, pin: { type: "secret" } };
    await post(world, "/workflow/state", {
      workflow_id: "d",
      status: "blocked",
      inputs: { where: HOST, open: "seen" },
      hidden_inputs: ["where", "toString", "none"],
      steps: [{ action: "x", status: "blocked" }],
      block_info: { id: "q", step: 0, prompt: "?", fields, default: { second: HOST, pin: HOST } },
    });
    const tab = await world.server.openTab({ headers: WATCH });
    tab.subscribe("d");
    const asked = await stateAs(world, WATCH, "d");
    expect(asked.state.inputs).toEqual({ where: "***", open: "seen" });
    const answer = { second: OTHER, pin: OTHER };
    const taken = await post(world, "/workflow/answer", { workflow_id: "d", answer });
    expect(taken.status).toBe(200);
    const answered = await stateAs(world, WATCH, "d");
    expect(answered.state.steps[0]?.answer).toEqual({ second: "***", pin: "***" });
    expect(asked.text + answered.text + JSON.stringify(await tab.rest())).not.toContain("canary");
  });
});
