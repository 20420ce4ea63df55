/** Two people who retry the same workflow at once: the one who did not know of the other is told. */
import { describe, expect } from "vitest";
import { call } from "../../../support/links/rest.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const BREAKS =
  "name: breaks\nsteps:\n  - { action: one, run: echo one }\n  - { action: two, run: 'false' }\n";

describe("a retry that names how many retries it knows of", () => {
  test("one of two retries asked for at once that know of none begins, and the other hears which", async ({
    runnerWorld,
  }) => {
    const { server, define, start, ended, command } = await runnerWorld();
    define("breaks.yaml", BREAKS);
    const workflow_id = await start("breaks");
    await ended(workflow_id);
    const asked = await Promise.all(
      Array.from({ length: 4 }, () => command("retry", { workflow_id, retries: 0 })),
    );
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 412, 412, 412]);
    const begun = asked.find(({ status }) => status === 201)!.body.workflow_id;
    const refused = asked.find(({ status }) => status === 412)!.body;
    expect(refused.code).toBe("position_moved");
    expect(refused.message).toContain(begun);
    await ended(begun);
    const { body } = await call(`${server.url}/workflows`, "GET");
    expect(body.workflows).toHaveLength(2);

    // A client that has seen the other retry may go on, and one that says nothing is not asked.
    expect((await command("retry", { workflow_id, retries: 1 })).status).toBe(201);
    expect((await command("retry", { workflow_id })).status).toBe(201);
    expect((await command("retry", { workflow_id, retries: 2 })).status).toBe(412);
    expect((await command("retry", { workflow_id, retries: -1 })).status).toBe(400);
  });

  test("a retry that is said again after a lost answer is the same one", async ({
    runnerWorld,
  }) => {
    const { server, define, start, ended } = await runnerWorld();
    define("breaks.yaml", BREAKS);
    const workflow_id = await start("breaks");
    await ended(workflow_id);
    const again = () =>
      call(`${server.url}/workflow/retry`, "POST", {
        body: { workflow_id, retries: 0 },
        headers: { "Idempotency-Key": "the-same" },
      });
    const [one, other] = [await again(), await again()];
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(other.body.workflow_id).toBe(one.body.workflow_id);
  });
});
