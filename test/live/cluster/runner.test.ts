/** The runners of a cluster's servers: a hook runs once, a group has room for so many over all of them, and a node that comes back goes on with its command. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

const state = async (url: string, id: string) =>
  (await call(`${url}/workflow/state?workflow_id=${id}`, "GET")).body.state;

async function start(url: string, name: string): Promise<string> {
  const { body } = await call(`${url}/workflow/start`, "POST", { body: { name } });
  expect(body).toMatchObject({ success: true });
  return body.workflow_id;
}

/** A folder of definitions that every server of the test is given. */
async function definitions(folder: string, texts: Record<string, string>): Promise<string> {
  const at = join(folder, "workflows");
  await mkdir(at, { recursive: true });
  for (const [name, text] of Object.entries(texts)) await writeFile(join(at, `${name}.yaml`), text);
  return at;
}

describe.skipIf(!hasEtcd)("the runners of a cluster", () => {
  faultTest(
    "an end is told by one node, and by the one that ran it",
    async ({ openCluster, folder }) => {
      const told = join(folder, "told");
      const workflowsDir = await definitions(folder, {
        short: `name: short\non_end:\n  run: echo "$INSTEP_WORKFLOW_ID" >> ${told}\nsteps:\n  - action: go\n    run: "true"\n`,
      });
      const { serve } = await openCluster();
      const servers = [await serve({ workflowsDir }), await serve({ workflowsDir })];
      const ids: string[] = [];
      for (let n = 0; n < 4; n++) ids.push(await start(servers[n % 2]!.url!, "short"));
      for (const { url } of servers)
        for (const id of ids)
          await until(async () => (await state(url!, id))?.status === "completed", `${id} to end`);
      const lines = async () => (await readFile(told, "utf8").catch(() => "")).trim().split("\n");
      await expect.poll(async () => (await lines()).length).toBe(ids.length);
      const hooks = async (url: string, id: string) => (await state(url, id))?.hook_runs ?? [];
      for (const id of ids)
        await until(
          async () => JSON.stringify(await hooks(servers[1]!.url!, id)).includes("completed"),
          `${id} to be told`,
        );
      expect((await lines()).sort()).toEqual([...ids].sort());
    },
  );

  faultTest(
    "of a group only one runs at a time, over all nodes, and each has its turn",
    async ({ openCluster, folder }) => {
      const log = join(folder, "log");
      const workflowsDir = await definitions(folder, {
        alone: `name: alone\nconcurrency:\n  group: gpu\nsteps:\n  - action: go\n    run: echo + >> ${log}; sleep 0.2; echo - >> ${log}\n`,
      });
      const { serve } = await openCluster();
      const servers = [await serve({ workflowsDir }), await serve({ workflowsDir })];
      const ids = await Promise.all(
        Array.from({ length: 6 }, (_, n) => start(servers[n % 2]!.url!, "alone")),
      );
      for (const id of ids)
        await until(
          async () => (await state(servers[0]!.url!, id))?.status === "completed",
          `${id} to end`,
        );
      expect((await readFile(log, "utf8")).trim().split("\n").join("")).toBe("+-".repeat(6));
    },
  );

  faultTest(
    "a node that is killed and comes back goes on with its command, and meanwhile the others say that it is away",
    async ({ openCluster, folder }) => {
      const gate = join(folder, "gate");
      const workflows = await definitions(folder, {
        long: `name: long\nsteps:\n  - action: wait\n    run: echo begun; until [ -e ${gate} ]; do sleep 0.1; done; echo over\n`,
      });
      const cluster = await openCluster();
      const flags = ["--workflows", workflows];
      const [a, b] = [await cluster.spawn(...flags), await cluster.spawn(...flags)];
      const id = await start(a.url!, "long");
      await until(
        async () => (await state(b.url!, id))?.steps[0]?.message === "begun",
        "the command to print",
      );
      await a.kill();
      const lost = await until(async () => {
        const now = await state(b.url!, id);
        return now?.status === "interrupted" && now;
      }, "the other node to say that it is away");
      expect(lost).toMatchObject({ interruption: { reason: "node_lost" }, node: a.node });
      await a.start();
      await until(async () => (await state(b.url!, id))?.status === "running", "it to be taken up");
      await writeFile(gate, "");
      const done = await until(async () => {
        const now = await state(b.url!, id);
        return now?.status === "completed" && now;
      }, "its end");
      expect(done.steps[0]).toMatchObject({ status: "completed", attempt: 1 });
      const { text } = await call(`${b.url}/workflow/state/steps/0/log?workflow_id=${id}`, "GET");
      expect(text).toContain("over");
    },
  );
});
