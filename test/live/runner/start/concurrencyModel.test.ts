/** Workflows of some groups, started, stopped, retried and interrupted at random: never more at once than each allows, and all come to their end. */
import { describe, expect } from "vitest";
import { defineWorkflow } from "../../../../server/server.js";
import { seeded } from "../../../support/chance.js";
import { until } from "../../../support/deadline.js";
import { runnerTest as test } from "../../../support/servers/runnerWorld.js";

const GROUPS = [
  { name: "one", limit: 1, whenBusy: "wait" },
  { name: "two", limit: 2, whenBusy: "wait" },
  { name: "alone", limit: 1, whenBusy: "refuse" },
  { name: "newest", limit: 1, whenBusy: "cancel_running" },
] as const;
const ROUNDS = 120;

describe("groups under random commands", () => {
  test("groups under random commands never have more at work than they allow, and nobody waits for ever", async ({
    runnerWorld,
  }) =>
    seeded(async (chance) => {
      const atWork = new Map<string, Set<string>>(GROUPS.map(({ name }) => [name, new Set()]));
      const wrong: string[] = [];
      const gates = new Map<string, () => void>();
      const definitions = GROUPS.map(({ name, limit, whenBusy }) =>
        defineWorkflow({
          name,
          onRestart: "resume",
          concurrency: { limit, whenBusy },
          steps: [
            {
              action: "work",
              idempotent: true,
              run: async ({ workflow_id, signal }) => {
                const there = atWork.get(name)!;
                there.add(workflow_id);
                if (there.size > limit) wrong.push(`${name}: ${[...there].join(", ")}`);
                await new Promise<void>((resolve) => {
                  gates.set(workflow_id, resolve);
                  signal.addEventListener("abort", () => resolve(), { once: true });
                });
                there.delete(workflow_id);
                gates.delete(workflow_id);
              },
            },
          ],
        }),
      );
      const world = await runnerWorld({ definitions, maxConcurrent: 4 });
      const ids: string[] = [];
      const keep = ({ status, body }: { status: number; body: { workflow_id?: string } }) => {
        if (status === 201) ids.push(body.workflow_id!);
      };
      for (let round = 0; round < ROUNDS; round++) {
        switch (chance.below(8)) {
          case 0:
          case 1:
          case 2:
            keep(await world.command("start", { name: chance.pick(GROUPS).name }));
            break;
          case 3:
            if (ids.length > 0) await world.command("stop", { workflow_id: chance.pick(ids) });
            break;
          case 4:
            if (ids.length > 0)
              keep(await world.command("retry", { workflow_id: chance.pick(ids), from: 0 }));
            break;
          case 5:
            if (chance.below(6) === 0) await world.server.restart();
            break;
          default:
            if (gates.size > 0) gates.get(chance.pick([...gates.keys()]))?.();
        }
        expect(wrong).toEqual([]);
      }
      const isOver = async (id: string) =>
        ["completed", "failed", "cancelled"].includes((await world.stateOf(id)).status);
      await until(async () => {
        for (const open of [...gates.values()]) open();
        for (const id of ids) if (!(await isOver(id))) return false;
        return true;
      }, "all to be over");
      expect(wrong).toEqual([]);
    }));
});
