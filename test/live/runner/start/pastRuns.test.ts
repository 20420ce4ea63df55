/** Lists and definitions tell of the workflows before: how the last one ended, how long one usually takes, who started it and from what. */
import { describe, expect } from "vitest";
import { apply } from "../../../../shared/json/patch.js";
import type { Summary } from "../../../../shared/state/summary.js";
import type { ListState } from "../../../../shared/wire/serverMessages.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const tokens = [
  { token: "all-token", can: "drive" },
  { token: "bound-token", can: "watch", workflows: ["mine-*"] },
] as const;
const ALL = { Authorization: "Bearer all-token" };
const BOUND = { Authorization: "Bearer bound-token" };

const DEFINITION = `
name: backup
inputs:
  host: { type: string }
  target: { type: ssh }
  key: { type: secret }
  copies: { type: number, default: 2 }
steps:
  - { action: copy, run: '[ "$INPUT_HOST" != broken ]' }
`;

describe("a definition", () => {
  test("a definition tells how its last workflow ended and how long one usually takes, of those a token sees", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld({ tokens });
    world.define("backup.yaml", DEFINITION);
    const definition = async (headers: Record<string, string>) => {
      const { body } = await world.server.get("/workflow/definitions", headers);
      return (body.definitions as Record<string, unknown>[])[0];
    };
    expect(await definition(ALL)).toMatchObject({ last: null, usual_ms: null });

    const run = async (workflow_id: string, host: string) => {
      const body = { name: "backup", workflow_id, inputs: { host } };
      await world.server.call("POST", "/workflow/start", { body, headers: ALL });
      let tag = "";
      for (;;) {
        const path = `/workflow/state?workflow_id=${workflow_id}&wait=10s`;
        const answer = await world.server.get(path, { ...ALL, "If-None-Match": tag });
        tag = answer.headers.get("etag") ?? "";
        if (answer.body.state?.end_time) return answer.body.state;
      }
    };
    const good = await run("mine-1", "web-7");
    const bad = await run("theirs-1", "broken");
    expect(await definition(ALL)).toMatchObject({
      last: { workflow_id: "theirs-1", status: "failed", ended_at: bad.end_time },
      usual_ms: Date.parse(good.end_time!) - Date.parse(good.start_time),
    });
    expect(await definition(BOUND)).toMatchObject({
      last: { workflow_id: "mine-1", status: "completed", ended_at: good.end_time },
    });
  });
});

describe("a line of the list", () => {
  test("a line of the list says from which definition, by whom and with which inputs it was started, and what it retries", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("backup.yaml", DEFINITION);
    const inputs = { host: "broken", target: "ssh root@canary.example", key: "canary" };
    await world.start("backup", { workflow_id: "one", inputs, by: "nightly cron" });
    await world.ended("one");
    const retried = await world.command("retry", { workflow_id: "one", by: "browser tab Ada" });
    const { workflow_id } = retried.body;
    await world.ended(workflow_id);
    const { text, body } = await world.server.get("/workflows");
    expect(text).not.toContain("canary");
    const shown = ({ definition, by, inputs, retried_from }: Summary) => ({
      definition,
      by,
      inputs,
      retried_from,
    });
    expect(body.workflows.map(shown)).toEqual([
      {
        definition: "backup",
        by: "browser tab Ada",
        inputs: { host: "broken", copies: 2 },
        retried_from: "one",
      },
      {
        definition: "backup",
        by: "nightly cron",
        inputs: { host: "broken", copies: 2 },
        retried_from: null,
      },
    ]);
  });

  test("a line of the list says how long one usually takes, and says it anew when another has been completed", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("wait.yaml", "name: wait\nsteps:\n  - { action: hold, ask: { prompt: Go? } }\n");
    const tab = await world.server.openTab();
    tab.subscribe("*");
    const snapshot = await tab.take("snapshot");
    for (const workflow_id of ["one", "two"]) {
      await world.start("wait", { workflow_id });
      await world.until(workflow_id, ({ status }) => status === "blocked");
    }
    expect((await world.server.get("/workflows")).body.workflows[0]?.usual_ms).toBe(null);
    await world.command("answer", { workflow_id: "one", answer: {} });
    const done = await world.ended("one");
    const usual = Date.parse(done.end_time!) - Date.parse(done.start_time);
    const { workflows } = (await world.server.get("/workflows")).body;
    expect(workflows.map(({ usual_ms }) => usual_ms)).toEqual([usual, null]);
    let list = snapshot.state as ListState;
    const told = () => Object.values(list.workflows).find((one) => one.workflow_id === "two");
    while (told()?.usual_ms !== usual) list = apply(list, (await tab.take("changed")).patch);
    expect(told()?.status).toBe("blocked");
  });

  test("a line of the list is bounded, whatever a driver sends", async ({ runnerWorld }) => {
    const { server } = await runnerWorld();
    const inputs = {
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`n${n}`, "x".repeat(9_000)])),
    };
    await server.saved({
      workflow_id: "w",
      started_by: { not: "a text" },
      inputs: {
        list: [1],
        nothing: null,
        ["k".repeat(65)]: 1,
        masked: "***",
        secrets: "s",
        ...inputs,
      },
    });
    const [line] = (await server.get("/workflows")).body.workflows;
    expect(line?.by).toBe(null);
    const shown = Object.entries(line!.inputs);
    expect(shown.map(([name]) => name)).toEqual(Array.from({ length: 16 }, (_, n) => `n${n}`));
    for (const [, value] of shown) expect(String(value).length).toBe(100);
  });
});
