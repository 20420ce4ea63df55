/** A server that cannot reach etcd while its tabs still reach it: it says so, refuses what it cannot save, and comes along again by itself. */
import { describe, expect } from "vitest";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { seeded } from "../../support/chance.js";
import { compact } from "../../support/cluster/care.js";
import type { ClusterServer } from "../../support/cluster/clusterServer.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { atLeast, KILLS, LONG } from "../../support/cluster/howLong.js";
import { measured, Traffic } from "../../support/cluster/traffic.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { liveUrl } from "../../support/model/insistentWriters.js";

const WAYS = [
  ["whose connections to etcd break", "cut"],
  ["whose connections to etcd are silent", "silence"],
] as const;

/** While one of them is cut, the other one does more commands than the receipts that a workflow has otherwise. */
const REMEMBERING = { limits: { receiptsPerWorkflow: 10_000 } };

/** A change that only this server is asked for. */
const changeAt = ({ url }: ClusterServer, key: string) =>
  call(`${url}/workflow/state?workflow_id=apart`, "PATCH", {
    body: { note: key },
    headers: { "Idempotency-Key": key },
  });

describe.skipIf(!hasEtcd)("a server that is cut from etcd", () => {
  for (const [title, how] of WAYS) {
    faultTest(
      `a server ${title} refuses what it cannot save, and its tabs come along again without a new socket`,
      LONG,
      async ({ openCluster }) => {
        const { etcd, serve } = await openCluster();
        const servers = [await serve(REMEMBERING), await serve(REMEMBERING)];
        const [apart, other] = [servers[0]!, servers[1]!];
        await call(`${apart.url}/workflow/state`, "POST", { body: { workflow_id: "apart" } });
        await call(`${apart.url}/workflow/state`, "POST", { body: { workflow_id: "gone" } });
        const client = openEtcd({ endpoints: etcd.endpoints, clock: systemClock });
        const { tab } = await RawTab.open(liveUrl(apart.url!));
        tab.subscribe("gone");
        expect(await tab.take("snapshot")).toMatchObject({ workflow_id: "gone" });
        await seeded(async (chance) => {
          const traffic = await Traffic.start(servers, chance);
          const [watching] = traffic.tabs;
          const sockets = watching!.opened;
          for (let kill = 1; kill <= KILLS; kill++) {
            apart[how]();
            const refused = changeAt(apart, `refused-${kill}`);
            await until(() => watching!.staleness.at(-1) != null, "its tab is told");
            const writing = traffic.writes(50);
            // Nobody can say yet whether it was saved: etcd may have it.
            expect((await refused).body).toMatchObject({ code: "unavailable", retry: true });
            await Promise.all([writing, atLeast(10_000)]);
            await call(`${other.url}/workflow/state?workflow_id=gone`, "DELETE");
            // What it missed cannot be had one by one any more.
            if (kill % 2 === 1) await compact(client, etcd);
            apart.heal();
            const again = await until(async () => {
              const answer = await changeAt(apart, `refused-${kill}`);
              return answer.status === 200 && answer.body;
            }, "it saves again");
            expect(again.revision).toBe(1 + kill);
            await traffic.flows();
            await until(
              () => watching!.staleness.at(-1) === null,
              "its tab is told that it follows",
            );
          }
          expect(watching!.opened).toBe(sockets);
          const heard = (await tab.rest()).filter(({ type }) => type === "closed");
          expect(heard).toMatchObject([{ workflow_id: "gone", reason: "cleared" }]);
          measured(`a server ${title}`, await traffic.settle());
        });
        await client.close();
        tab.drop();
      },
    );
  }
});
