/** Names that are not there: each refusal says which was meant, or which there are, in the same words and never at length. */
import { describe, expect } from "vitest";
import { call } from "../../../support/links/rest.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const SHOP = `name: shop
inputs:
  host: { type: string, required: true }
  password: { type: secret }
  size: { type: choice, options: [small, medium, large], default: small }
steps:
  - { action: copy, run: "true" }
  - { action: sure, ask: { prompt: Sure?, fields: { go: { type: boolean }, place: { type: choice, options: [here, there] } } } }
`;

describe("a name that is not there", () => {
  test("a name that is not there is told with the one that was meant", async ({ runnerWorld }) => {
    const world = await runnerWorld();
    world.define("shop.yaml", SHOP);
    const cases: [object, object[]][] = [
      [
        { inputs: { hst: "a", host: "b" } },
        [{ path: "inputs.hst", message: "is not asked for; did you mean host?" }],
      ],
      [
        { inputs: { host: "b", other: "a" } },
        [{ path: "inputs.other", message: "is not asked for; known are host, password, size" }],
      ],
      [
        { inputs: { host: "b", size: "meduim" } },
        [
          {
            path: "inputs.size",
            message: "must be one of small, medium, large; did you mean medium?",
          },
        ],
      ],
      [
        { inputs: { host: "b" }, skip: ["cpy"], enable: ["copy", "nothing"] },
        [
          { path: "skip.0", message: "is no step of it; did you mean copy?" },
          { path: "enable.1", message: "is no step of it; there are copy, sure" },
        ],
      ],
    ];
    for (const [more, errors] of cases) {
      const refused = await world.command("start", { name: "shop", ...more });
      expect(refused).toMatchObject({ status: 400, body: { code: "bad_message", errors } });
    }
    const list = await call(`${world.server.url}/workflows?status=runnning`, "GET");
    expect(list).toMatchObject({
      status: 400,
      body: {
        errors: [{ message: expect.stringMatching(/^must be one of .*; did you mean running\?$/) }],
      },
    });
    const definition = await world.command("start", { name: "shopp" });
    expect(definition).toMatchObject({
      status: 404,
      body: { detail: 'there is no definition "shopp"; did you mean shop?' },
    });

    const id = await world.start("shop", { inputs: { host: "b" } });
    await world.until(id, ({ status }) => status === "blocked");
    const answer = await world.command("answer", {
      workflow_id: id,
      answer: { g: true, plce: "her" },
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        errors: [
          { path: "answer.g", message: "is not asked for; did you mean go?" },
          { path: "answer.plce", message: "is not asked for; did you mean place?" },
        ],
      },
    });
    await world.command("stop", { workflow_id: id });
    await world.ended(id);
    const retry = await world.command("retry", { workflow_id: id, from: "suer" });
    expect(retry).toMatchObject({
      status: 400,
      body: { errors: [{ path: "from", message: "is no step of it; did you mean sure?" }] },
    });
  });

  test("a name that is not there is told with what is wrong in the file of that name", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    world.define("deploy.yaml", "name: deploy\nsteps:\n  - { action: copy, run: x, timout: 3s }\n");
    world.define("other.yaml", "name: other\n");
    const refused = await world.command("start", { name: "deploy" });
    expect(refused.body.detail).toMatch(
      /^there is no definition "deploy": its file cannot be used: deploy\.yaml:3:29: .*no such field; did you mean timeout\?$/,
    );
  });

  test("a name that is not there is told shortly where there are a thousand others, and in no time", async ({
    runnerWorld,
  }) => {
    const world = await runnerWorld();
    const steps = Array.from(
      { length: 1_000 },
      (_, index) => `  - { action: ${"a".repeat(90)}${index}, run: "true" }\n`,
    );
    world.define("long.yaml", `name: long\nsteps:\n${steps.join("")}`);
    const skip = Array.from({ length: 1_000 }, (_, index) => `${"b".repeat(90)}${index}`);
    const refused = await world.command("start", { name: "long", skip });
    expect(refused.status).toBe(400);
    expect(refused.body.errors).toHaveLength(10);
    for (const { message } of refused.body.errors)
      expect(message).toMatch(/^is no step of it; there are a+0, .*, …, and 99\d more$/);
    expect(JSON.stringify(refused.body).length).toBeLessThan(8_000);
  });
});
