/** An etcd whose quota is used up: servers say so in words, everything stays readable, and after the operator's care all go on. */
import { randomBytes } from "node:crypto";
import { describe, expect } from "vitest";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { seeded } from "../../support/chance.js";
import { compact, defragment, disarm } from "../../support/cluster/care.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { KILLS, LONG } from "../../support/cluster/howLong.js";
import { measured, Traffic } from "../../support/cluster/traffic.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";

const LARGE_BYTES = 500_000;

describe.skipIf(!hasEtcd)("a cluster whose etcd is full", () => {
  faultTest(
    "a full etcd is said in words and stays readable, and after the operator's care nothing is lost or doubled",
    LONG,
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster({ quotaBytes: 16 * 1024 * 1024 });
      const servers = [await serve(), await serve()];
      const client = openEtcd({ endpoints: etcd.endpoints, clock: systemClock });
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        const url = servers[0]!.url!;
        const path = "/workflow/state?workflow_id=large";
        for (let kill = 1; kill <= KILLS; kill++) {
          const full = await until(async () => {
            const body = {
              workflow_id: "large",
              text: randomBytes(LARGE_BYTES / 2).toString("hex"),
            };
            const answer = await call(`${url}/workflow/state`, "POST", { body });
            return answer.status !== 200 && answer;
          }, "etcd is full");
          expect(full.status).toBe(507);
          expect(full.body).toMatchObject({ code: "storage_full", retry: true });
          expect(full.body.message).toContain("etcd is full");
          const acked = traffic.writers.acks.length;
          for (const { url } of servers) {
            const { body } = await call(url + path, "GET");
            expect(body.state.workflow_id).toBe("large");
            const refused = await call(`${url}${path}`, "PATCH", { body: { note: "x" } });
            expect([refused.status, refused.body.code]).toEqual([507, "storage_full"]);
          }
          await compact(client, etcd);
          await defragment(etcd);
          await disarm(etcd);
          await traffic.flows();
          expect(traffic.writers.acks.length).toBeGreaterThan(acked);
        }
        measured("a full etcd, compacted, defragmented and disarmed", await traffic.settle());
      });
      await client.close();
    },
  );
});
