/** A recipe that asks for a label: only a node that has it runs its workflows, whichever node is asked, and while it is away they say what they wait for. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { WorkflowState } from "../../../shared/schema/workflow.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

const RECIPES = {
  train: "name: train\nnode: gpu\nsteps:\n  - action: train\n    run: echo trained\n",
  plain: "name: plain\nsteps:\n  - action: go\n    run: echo gone\n",
  long: "name: long\nnode: [gpu]\nsteps:\n  - action: wait\n    survives: false\n    run: if [ -e GATE ]; then echo over; else echo begun; sleep 300; fi\n",
};

const state = async (url: string, id: string) =>
  (await call(`${url}/workflow/state?workflow_id=${id}`, "GET")).body.state;

async function post(url: string, verb: string, body: object): Promise<string> {
  const answer = await call(`${url}/workflow/${verb}`, "POST", { body });
  expect(answer.body).toMatchObject({ success: true });
  return answer.body.workflow_id;
}

const untilState = (url: string, id: string, what: string, is: (now: WorkflowState) => boolean) =>
  until(async () => {
    const now = await state(url, id);
    return now && is(now) && now;
  }, what);

const completed = (url: string, id: string) =>
  untilState(url, id, `${id} to end`, ({ status }) => status === "completed");

const waitsForGpu = (url: string, id: string) =>
  untilState(
    url,
    id,
    `${id} to say what it waits for`,
    ({ queued }) => queued?.labels !== undefined,
  );

describe.skipIf(!hasEtcd)("a recipe that asks for a label", () => {
  faultTest(
    "it runs on the node that has it; while that is away it is queued and says so, and it is taken once the node is back",
    async ({ openCluster, folder }) => {
      const [at, gate] = [join(folder, "workflows"), join(folder, "gate")];
      await mkdir(at, { recursive: true });
      for (const [name, text] of Object.entries(RECIPES))
        await writeFile(join(at, `${name}.yaml`), text.replace("GATE", gate));
      const cluster = await openCluster();
      const a = await cluster.serve({ workflowsDir: at });
      const gpu = await cluster.spawn("--workflows", at, "--node-label", "gpu");
      const url = a.url!;

      // Whichever node is asked.
      for (const asked of [a, gpu]) {
        const id = await post(asked.url!, "start", { name: "train" });
        expect((await completed(url, id)).node).toBe(gpu.node);
      }
      const first = await post(url, "start", { name: "train" });
      await completed(url, first);
      const again = await post(url, "retry", { workflow_id: first, from: 0 });
      expect((await completed(url, again)).node).toBe(gpu.node);
      const long = await post(url, "start", { name: "long" });
      await untilState(url, long, "it to begin", ({ steps }) => steps[0]?.message === "begun");

      await gpu.kill();
      await untilState(url, long, "its loss", ({ status }) => status === "interrupted");
      const waiting = await post(url, "start", { name: "train" });
      const resumed = await post(url, "resume", { workflow_id: long });
      for (const id of [waiting, resumed])
        expect(await waitsForGpu(url, id)).toMatchObject({
          status: "running",
          queued: { labels: ["gpu"] },
        });
      const { body } = await call(`${url}/workflows?q=${waiting}`, "GET");
      expect(body.workflows).toMatchObject([{ why_queued: "waits for a node with gpu" }]);
      // Those that any node may run are not kept from their places.
      const plain = await post(url, "start", { name: "plain" });
      expect((await completed(url, plain)).node).toBe(a.node);

      await writeFile(gate, "");
      await gpu.start();
      for (const id of [waiting, resumed]) {
        const done = await completed(url, id);
        expect(done).toMatchObject({ node: gpu.node });
        expect(done).not.toHaveProperty("queued");
      }
    },
  );
});
