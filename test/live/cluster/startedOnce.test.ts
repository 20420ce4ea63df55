/** A start of a definition that two servers are asked for under one request id: it begins one workflow, also where one of them is killed meanwhile. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { ClusterServer } from "../../support/cluster/clusterServer.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

const AT_ONCE = 20;
const IN_TURN = 5;
const start = (at: ClusterServer, key: string) =>
  call(`${at.url}/workflow/start`, "POST", {
    body: { name: "once", inputs: { key } },
    headers: { "Idempotency-Key": key },
  });

const begunWith = async (at: ClusterServer, key: string) =>
  (await call(`${at.url}/workflows?input=key%3D${key}`, "GET")).body.workflows;

describe.skipIf(!hasEtcd)("a start that several servers are asked for", () => {
  faultTest(
    "it begins one workflow: sent to both at once, to one after the other, and to the other once the first was killed",
    async ({ openCluster, folder }) => {
      const [at, ran] = [join(folder, "workflows"), join(folder, "ran")];
      await mkdir(at, { recursive: true });
      const recipe = `name: once\non_restart: resume\ninputs:\n  key: { type: string }\nsteps:\n  - action: go\n    idempotent: true\n    run: echo "$INPUT_KEY $INSTEP_WORKFLOW_ID" >> ${ran}\n`;
      await writeFile(join(at, "once.yaml"), recipe);
      const cluster = await openCluster();
      const servers = [
        await cluster.spawn("--workflows", at),
        await cluster.spawn("--workflows", at),
      ];
      const [a, b] = servers as [ClusterServer, ClusterServer];
      const keys: string[] = [];

      for (let n = 0; n < AT_ONCE; n++) {
        const key = `at-once-${n}`;
        keys.push(key);
        const answers = await Promise.all([start(a, key), start(b, key)]);
        expect(answers.map(({ status }) => status)).toEqual([201, 201]);
        const [one, other] = answers.map(({ body }) => [body.workflow_id, body.epoch]);
        expect(other).toEqual(one);
      }
      for (let n = 0; n < IN_TURN; n++) {
        const key = `in-turn-${n}`;
        keys.push(key);
        const [first, second] = n % 2 ? [a, b] : [b, a];
        const one = (await start(first, key)).body.workflow_id;
        expect((await start(second, key)).body.workflow_id).toBe(one);
        await until(
          async () => (await begunWith(second, key))[0]?.status === "completed",
          "its end",
        );
        expect((await start(second, key)).body.workflow_id).toBe(one);
      }
      // Its server is killed at once, when the start is kept, and when it was answered.
      const moments = {
        sent: async () => {},
        kept: (key: string) => until(async () => (await begunWith(b, key)).length > 0, "the start"),
        answered: (_: string, answer: Promise<unknown>) => answer,
      };
      for (const [moment, comes] of Object.entries(moments)) {
        const key = `killed-${moment}`;
        keys.push(key);
        const lost = start(a, key).catch(() => null);
        await comes(key, lost);
        await a.kill();
        const first = await lost;
        const { status, body } = await start(b, key);
        expect([200, 201]).toContain(status);
        if (first?.body.success) expect(body.workflow_id).toBe(first.body.workflow_id);
        await a.start();
        expect((await start(a, key)).body.workflow_id).toBe(body.workflow_id);
      }

      for (const key of keys) {
        const found = await until(async () => {
          const all = await begunWith(b, key);
          return all.every((one) => one.status === "completed") && all;
        }, `the end of ${key}`);
        expect(found.map(({ workflow_id }) => workflow_id)).toHaveLength(1);
      }
      const lines = (await readFile(ran, "utf8")).trim().split("\n");
      expect([...new Set(lines)].sort().map((line) => line.split(" ")[0])).toEqual(
        [...keys].sort(),
      );
    },
    120_000,
  );
});
