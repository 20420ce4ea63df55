/** The power of all members of etcd and of a server goes at one moment: they start again by themselves, and nothing that was acknowledged is gone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { seeded } from "../../support/chance.js";
import { faultTest } from "../../support/cluster/faultTest.js";
import { KILLS, LONG } from "../../support/cluster/howLong.js";
import { Roaming } from "../../support/cluster/roaming.js";
import { until } from "../../support/deadline.js";
import { LoopDisk, whyNoLoopDisk } from "../../support/disks/loopDisk.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { call } from "../../support/links/rest.js";
import { InsistentWriters } from "../../support/model/insistentWriters.js";
import { replay, writtenBy } from "../../support/model/reckoning.js";

const IDS = ["one", "two"];
const WRITERS = ["rest-a", "rest-b", "socket-a"];
/** What etcd reserves for each member's log alone are 64 MB, twice. */
const IMAGE_BYTES = 768 * 1024 * 1024;

const folder = await mkdtemp(join(tmpdir(), "instep-cut-"));
const whyNot = hasEtcd ? await whyNoLoopDisk(folder) : "there is no etcd here";
if (whyNot !== null) process.stderr.write(`Power cuts of a cluster are not tested: ${whyNot}.\n`);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(whyNot !== null)("a power cut of a whole cluster", () => {
  faultTest(
    "a power cut of all members of etcd and of a server takes nothing that was acknowledged",
    LONG,
    async ({ openCluster }) => {
      const disk = await LoopDisk.make(folder, "disk", IMAGE_BYTES);
      const left: { disk: LoopDisk; acked: number }[] = [];
      const running = await openCluster({ members: 3, folder: disk.mountPoint });
      try {
        await seeded(async (chance) => {
          const server = await running.spawn();
          for (const workflow_id of IDS)
            await call(`${server.url}/workflow/state`, "POST", { body: { workflow_id } });
          const writers = new InsistentWriters(new Roaming([server], 0), chance, IDS);
          writers.startByRest("rest-a");
          writers.startByRest("rest-b");
          writers.startBySocket("socket-a");
          for (let cut = 1; cut <= KILLS; cut++) {
            const goal = writers.acks.length + 10 + chance.below(60);
            await until(() => writers.acks.length >= goal, "the writers write");
            // Before the copy begins: whatever is answered while it is made need not be in it.
            const acked = writers.acks.length;
            // One moment, and not the time a copy takes.
            for (const member of [0, 1, 2]) running.etcd.stop(member);
            left.push({ disk: await disk.cut(), acked });
            for (const member of [0, 1, 2]) running.etcd.cont(member);
          }
          await writers.stop();
          await running.end();
          await disk.unmount();

          for (const { disk: found, acked } of left) {
            const again = await running.revive(found.mountPoint);
            const successor = await again.spawn();
            for (const id of IDS) {
              const path = `${successor.url}/workflow/state?workflow_id=${id}`;
              const { body } = await call(path, "GET");
              const { at, revisions } = replay(writers.acks, id);
              const known = writers.acks.slice(0, acked).filter((ack) => ack.workflow_id === id);
              const newest = Math.max(1, ...known.map(({ revision }) => revision));
              expect(body.revision).toBeGreaterThanOrEqual(newest);
              expect(revisions).toEqual(revisions.map((_, i) => i + 2));
              expect(writtenBy(WRITERS, body.state)).toEqual(at.get(body.revision));
            }
            await again.end();
          }
        });
      } finally {
        await running.end();
        for (const { disk: found } of left) await found.unmount().catch(() => {});
        await disk.unmount().catch(() => {});
      }
    },
  );
});
