/** What happens once in a cluster, whichever servers are asked: a start that is sent twice, and the end of a workflow that was in view for long enough. */
import { describe, expect } from "vitest";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveUrl } from "../../support/model/insistentWriters.js";

const STARTS = 100;
const ENDS = 20;

describe.skipIf(!hasEtcd)("a cluster", () => {
  faultTest(
    "the same start, sent to two servers at once a hundred times, begins a hundred workflows",
    async ({ openCluster }) => {
      const { serve } = await openCluster();
      const servers = [await serve(), await serve()];
      for (let n = 0; n < STARTS; n++) {
        const asked = {
          body: { name: `start ${n}` },
          headers: { "Idempotency-Key": `start-${n}` },
        };
        const answers = await Promise.all(
          servers.map(({ url }) => call(`${url}/workflow/state`, "POST", asked)),
        );
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        const [one, other] = answers.map(({ body: { workflow_id, epoch, revision } }) => ({
          ...{ workflow_id, epoch, revision },
        }));
        expect(other).toEqual(one);
      }
      for (const { url } of servers) {
        const names = await until(async () => {
          const { body } = await call(`${url}/workflows?limit=1000`, "GET");
          return body.workflows.length >= STARTS && body.workflows.map(({ name }) => name);
        }, "every start is there");
        expect(new Set(names).size).toBe(STARTS);
        expect(names.length).toBe(STARTS);
      }
    },
  );

  faultTest(
    "an ended workflow leaves the view once in the whole cluster, and each tab hears of it once",
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster();
      const servers = [await serve({ clearAfterMs: 50 }), await serve({ clearAfterMs: 50 })];
      const tabs = await Promise.all(
        servers.map(
          async ({ url }) => (await RawTab.open(liveUrl(url!), { passOver: "stale" })).tab,
        ),
      );
      const ids = Array.from({ length: ENDS }, (_, n) => `ends-${n}`);
      for (const [n, workflow_id] of ids.entries()) {
        const { url } = servers[n % servers.length]!;
        await call(`${url}/workflow/state`, "POST", { body: { workflow_id } });
        for (const [at, tab] of tabs.entries()) {
          const here = `${servers[at]!.url}/workflow/state?workflow_id=${workflow_id}`;
          await until(async () => (await call(here, "GET")).body.state, "it is there");
          tab.subscribe(workflow_id);
          await tab.take("snapshot");
        }
        await call(`${url}/workflow/state?workflow_id=${workflow_id}`, "PATCH", {
          body: { status: "completed" },
        });
        for (const tab of tabs) {
          expect(await tab.take("changed")).toMatchObject({ workflow_id, revision: 2 });
          expect(await tab.take("closed")).toMatchObject({ workflow_id, reason: "expired" });
        }
      }
      for (const tab of tabs) expect(await tab.rest()).toEqual([]);
      for (const { url } of servers) {
        const { body } = await call(`${url}/workflows?limit=1000`, "GET");
        expect(body.workflows.map(({ workflow_id }) => workflow_id).sort()).toEqual(ids.sort());
      }
      const client = openEtcd({ endpoints: etcd.endpoints, clock: systemClock });
      const kept = async (family: string) => (await client.list(`/instep/v1/${family}/`)).keys;
      expect([(await kept("past")).length, (await kept("doc")).length]).toEqual([ENDS, 0]);
      await client.close();
      for (const tab of tabs) tab.drop();
    },
  );
});
