/** Servers of a cluster that are killed or frozen while tabs write and watch over all of them. */
import { describe, expect } from "vitest";
import { seeded } from "../../support/chance.js";
import { drivenAt, untilDrivenBy } from "../../support/cluster/driven.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { atLeast, KILLS, LONG } from "../../support/cluster/howLong.js";
import { measured, Traffic } from "../../support/cluster/traffic.js";
import { until } from "../../support/deadline.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import type { Answered } from "../../support/links/rawTab.js";

/** Also where this process, which pings for the drivers, gets no turn for seconds. */
const LEASE_MS = 4_000;
const UNHURRIED = { commandsPerSecond: 1e6, commandBurst: 1e6 };

describe.skipIf(!hasEtcd)("a cluster that loses servers", () => {
  faultTest(
    "a server that is killed takes no acknowledged change with it, and its tabs and writers go on at another one",
    LONG,
    async ({ openCluster }) => {
      const { spawn } = await openCluster();
      const servers = [await spawn(), await spawn()];
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        for (let kill = 1; kill <= KILLS * 2; kill++) {
          const server = chance.pick(servers);
          await traffic.writes(chance.below(30));
          await server.kill();
          await traffic.flows();
          await server.start();
          await traffic.flows();
        }
        measured("kill -9 of an Instep server", await traffic.settle());
      });
    },
  );

  faultTest(
    "a server that is frozen loses the lease of its driver to another one, and what that driver says when it is back is refused",
    LONG,
    async ({ openCluster }) => {
      const { embed } = await openCluster();
      const options = { limits: { leaseMs: LEASE_MS, ...UNHURRIED } };
      const servers = [await embed(options), await embed(options)];
      const [frozen, other] = [servers[0]!, servers[1]!];
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        for (let kill = 1; kill <= KILLS; kill++) {
          const id = `driven-${kill}`;
          const first = await drivenAt(frozen, id, "first");
          frozen.freeze();
          const late = first.say({ progress: 0.5 });
          await Promise.all([atLeast(15_000), untilDrivenBy(other, id, null)]);
          const second = await drivenAt(other, id, "second");
          frozen.thaw();
          // Frozen for long, it first says that it has to find out.
          const refusals = ["stale_driver", "unavailable"];
          expect(refusals).toContain(codeOf(await late));
          expect(await second.say({ progress: 0.7 })).toMatchObject({ type: "accepted" });
          const told = await until(async () => {
            const code = codeOf(await first.say({ progress: 0.6 }));
            return code !== "unavailable" && (code ?? "accepted");
          }, "the frozen server follows again");
          expect(told).toBe("stale_driver");
          for (const server of servers) {
            const isDone = async () =>
              (await untilDrivenBy(server, id, "second")).steps[0]?.progress === 0.7;
            await until(isDone, `${server.node} has what the second driver said last`);
          }
          for (const driver of [first, second]) driver.leave();
          await traffic.flows();
        }
        measured("SIGSTOP of an Instep server", await traffic.settle());
      });
    },
  );
});

/** Null where it was accepted. */
const codeOf = (answer: Answered): string | null =>
  answer.type === "refused" ? answer.code : null;
