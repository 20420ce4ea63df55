/** Members of etcd that are killed or frozen while tabs write and watch over two servers: nothing is lost, nothing doubled. */
import { describe } from "vitest";
import { seeded } from "../../support/chance.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { atLeast, KILLS, LONG } from "../../support/cluster/howLong.js";
import { measured, Traffic } from "../../support/cluster/traffic.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

describe.skipIf(!hasEtcd)("a cluster whose etcd loses members", () => {
  faultTest(
    "a leader that is killed takes no acknowledged change with it, and none is made twice",
    LONG,
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster({ members: 3 });
      const servers = [await serve(), await serve()];
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        for (let kill = 1; kill <= KILLS; kill++) {
          const leader = await etcd.leader();
          await traffic.writes(chance.below(30));
          await etcd.kill(leader);
          await traffic.flows();
          await etcd.restart(leader);
        }
        measured("kill -9 of the leader of etcd", await traffic.settle());
      });
    },
  );

  faultTest(
    "a member that is killed while a server watches it leaves no tab behind",
    LONG,
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster({ members: 3 });
      const servers = [await serve(), await serve()];
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        for (let kill = 1; kill <= KILLS; kill++) {
          const { watchedMember: watched } = servers[0]!;
          await traffic.writes(chance.below(30));
          await etcd.kill(watched);
          await traffic.flows();
          await etcd.restart(watched);
        }
        measured("kill -9 of the watched member of etcd", await traffic.settle());
      });
    },
  );

  faultTest(
    "a member that is frozen while servers watch it is noticed and left",
    LONG,
    async ({ openCluster }) => {
      const { etcd, serve } = await openCluster({ members: 3 });
      const servers = [await serve(), await serve()];
      await seeded(async (chance) => {
        const traffic = await Traffic.start(servers, chance);
        for (let kill = 1; kill <= KILLS; kill++) {
          const watched = servers[0]!.watchedMember;
          etcd.stop(watched);
          // Both get on while it is still frozen.
          await Promise.all([traffic.flows(), atLeast(10_000)]);
          etcd.cont(watched);
          await traffic.flows();
        }
        measured("SIGSTOP of the watched member of etcd", await traffic.settle());
      });
    },
  );
});
