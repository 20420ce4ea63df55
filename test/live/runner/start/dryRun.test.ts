/** A start that is only looked at: what would be done, and nothing is. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect } from "vitest";
import { call } from "../../../support/links/rest.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const SHIP = (marker: string) => `
name: ship
title: Ship it
timeout: 1h
concurrency: { group: to-$INPUT_HOST }
env: { LEVEL: 3 }
inputs:
  host: { type: string, required: true }
  port: { type: number, default: 22 }
  key: { type: secret }
  nothing: { type: string }
steps:
  - { action: build, run: 'touch ${marker}; echo hush-hush', timeout: 5m, retries: 2, env: { OWN: 1 } }
  - action: sure
    ask: { prompt: Sure?, fields: { go: { type: boolean } }, deadline: 2h, when: 'touch ${marker}' }
  - action: both
    max: 1
    parallel: [{ action: one, run: 'true' }, { action: two, enabled: false, run: 'true' }]
  - { action: tell, run: 'true', enabled: false }
  - { action: clean, when: always, run: 'true' }
`;

describe("a start with dry_run", () => {
  test("a start with dry_run tells inputs, steps, questions and variables, and leaves no trace", async ({
    runnerWorld,
    folder,
  }) => {
    const { define, command, server } = await runnerWorld();
    const marker = path.join(folder, "ran");
    define("ship.yaml", SHIP(marker));
    const inputs = { host: "web-7", key: "very-secret" };
    const asked = { name: "ship", inputs, workflow_id: "mine", dry_run: true };
    const { status, body, text } = await command("start", asked);
    expect([status, body.message]).toEqual([200, "Nothing was started"]);
    const { plan } = body as unknown as { plan: Record<string, never> & { steps: never[] } };
    expect(plan).toMatchObject({
      name: "ship",
      title: "Ship it",
      inputs: { host: "web-7", port: 22, key: "***" },
      timeout_ms: 3_600_000,
      concurrency: { group: "to-web-7", limit: 1 },
      steps: [
        { number: "1", action: "build", runs: true, timeout_ms: 300_000, retries: 2 },
        {
          number: "2",
          action: "sure",
          asks: { prompt: "Sure?", fields: ["go"], deadline_ms: 7_200_000, conditional: true },
        },
        {
          number: "3",
          max: 1,
          steps: [
            { number: "3.1", action: "one", runs: true },
            { number: "3.2", action: "two", runs: false },
          ],
        },
        { number: "4", action: "tell", runs: false },
        { number: "5", action: "clean", when: "always" },
      ],
    });
    const [build, , , , clean] = plan.steps as unknown as { variables: string[] }[];
    const names = ["INPUT_HOST", "INPUT_PORT", "INPUT_KEY", "LEVEL", "OWN", "PATH", "TERM"];
    expect(build!.variables).toEqual(expect.arrayContaining([...names, "INSTEP_OUTPUT"]));
    expect(build!.variables).not.toContain("INPUT_NOTHING");
    expect(build!.variables).not.toContain("ANSWER_GO");
    expect(clean!.variables).toContain("ANSWER_GO");
    for (const hidden of ["very-secret", "hush-hush", "touch"]) expect(text).not.toContain(hidden);

    const list = await call(`${server.url}/workflows`, "GET");
    expect(list.body.workflows).toEqual([]);
    expect(existsSync(marker)).toBe(false);
    const real = await command("start", { name: "ship", inputs, workflow_id: "mine" });
    expect(real.status).toBe(201);
    await command("stop", { workflow_id: "mine", now: true });
  });

  test("a start with dry_run is refused in the words of the start", async ({
    runnerWorld,
    folder,
  }) => {
    const { define, command } = await runnerWorld();
    define("ship.yaml", SHIP(path.join(folder, "ran")));
    const wrong = [
      { name: "shop" },
      { name: "ship" },
      { name: "ship", inputs: { host: "a", prot: 1 } },
      { name: "ship", inputs: { host: "a" }, skip: ["bild"] },
      { name: "ship", inputs: { host: "a" }, skip: ["build", "sure", "both", "clean"] },
      { name: "ship", nonsense: 1 },
    ];
    for (const body of wrong) {
      const [dry, real] = [
        await command("start", { ...body, dry_run: true }),
        await command("start", body),
      ];
      expect(dry.status).toBeGreaterThanOrEqual(400);
      expect(dry.body).toEqual(real.body);
    }
    const odd = await command("start", { name: "ship", dry_run: "yes" });
    expect([odd.status, odd.body.errors?.[0]?.path]).toEqual([400, "dry_run"]);
  });

  test("a start with dry_run is for those who may drive", async ({ runnerWorld, folder }) => {
    const { define, server } = await runnerWorld({ tokens: [{ token: "eyes", can: "watch" }] });
    define("ship.yaml", SHIP(path.join(folder, "ran")));
    const { status } = await call(`${server.url}/workflow/start`, "POST", {
      body: { name: "ship", inputs: { host: "a" }, dry_run: true },
      headers: { Authorization: "Bearer eyes" },
    });
    expect(status).toBe(403);
  });
});
