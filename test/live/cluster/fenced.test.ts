/** A driver whose lease has ended in etcd while it lives and its server does not know yet: what it says is refused in the same stroke. */
import { describe, expect } from "vitest";
import * as z from "zod";
import { openEtcd } from "../../../server/etcd/openEtcd.js";
import { systemClock } from "../../../shared/clock.js";
import { drivenAt, untilDrivenBy } from "../../support/cluster/driven.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

const Lease = z.object({ lease: z.string() });

describe.skipIf(!hasEtcd)("a driver whose lease has ended while it lives", () => {
  faultTest(
    "a driver whose lease has ended is refused also where its server has not heard of that end",
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster();
      const [apart, other] = [await serve(), await serve()];
      const client = openEtcd({ endpoints: etcd.endpoints, clock: systemClock });
      const first = await drivenAt(apart, "driven", "first");
      const held = await client.get("/instep/v1/drv/driven");
      const { lease } = Lease.parse(JSON.parse(held!.value.toString()));
      // Its watch is silent from here on, and its transactions go through on new connections.
      apart.silenceOld();
      await client.revokeLease(lease);
      const late = first.say({ progress: 0.5 });
      await untilDrivenBy(other, "driven", null);
      const second = await drivenAt(other, "driven", "second");
      expect(await late).toMatchObject({ type: "refused", code: "stale_driver" });
      apart.heal();
      expect(await first.say({ progress: 0.6 })).toMatchObject({ code: "stale_driver" });
      expect(await second.say({ progress: 0.7 })).toMatchObject({ type: "accepted" });
      for (const server of [apart, other]) {
        const progress = await until(async () => {
          const { steps } = await untilDrivenBy(server, "driven", "second");
          return steps[0]?.progress;
        }, "the second driver's report is there");
        expect(progress).toBe(0.7);
      }
      for (const driver of [first, second]) driver.leave();
      await client.close();
    },
  );
});
