/** The power goes at any moment: the server starts again by itself, and nothing it acknowledged is gone. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Low } from "lowdb";
import { JSONFile } from "lowdb/node";
import { afterAll, describe, expect } from "vitest";
import { seeded } from "../../support/chance.js";
import { until } from "../../support/deadline.js";
import { LoopDisk, whyNoLoopDisk } from "../../support/disks/loopDisk.js";
import { call } from "../../support/links/rest.js";
import { type Ack, InsistentWriters, Whereabouts } from "../../support/model/insistentWriters.js";
import { processTest } from "../../support/servers/serverProcess.js";

const CUTS = 5;
const IDS = ["one", "two"];
const WRITERS = ["rest-a", "rest-b", "socket-a"];

const folder = await mkdtemp(join(tmpdir(), "instep-cut-"));
const whyNot = await whyNoLoopDisk(folder);
if (whyNot !== null) process.stderr.write(`Power cuts are not tested: ${whyNot}.\n`);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The values that the writers had set when the workflow was at `revision`. */
function replay(acks: readonly Ack[], id: string, revision: number): Record<string, number> {
  const fields: Record<string, number> = {};
  const known = acks.filter((ack) => ack.workflow_id === id && ack.revision <= revision);
  for (const { writer, count } of known.sort((a, b) => a.revision - b.revision)) {
    fields[writer] = count;
  }
  return fields;
}

describe.skipIf(whyNot !== null)("a power cut", () => {
  processTest("a power cut takes nothing that was acknowledged", async ({ start }) => {
    const disk = await LoopDisk.make(folder, "disk");
    const stock = new Low<{ n: number }>(new JSONFile(join(disk.mountPoint, "stock.json")), {
      n: 0,
    });
    const where = new Whereabouts();
    const left: { disk: LoopDisk; acked: number; stockAcked: number }[] = [];
    try {
      await seeded(async (chance) => {
        const server = start(join(disk.mountPoint, "data"));
        const url = await server.ready;
        for (const workflow_id of IDS) {
          await call(`${url}/workflow/state`, "POST", { body: { workflow_id } });
        }
        const writers = new InsistentWriters(where, chance, IDS);
        writers.startByRest("rest-a");
        writers.startByRest("rest-b");
        writers.startBySocket("socket-a");
        where.isAt(url);
        for (let cut = 1; cut <= CUTS; cut++) {
          const goal = writers.acks.length + 10 + chance.below(60);
          await until(() => writers.acks.length >= goal, "the writers write");
          for (let n = 1; n <= 20; n++) {
            stock.data.n += 1;
            await stock.write();
          }
          // Before the copy begins: whatever is answered while it is made need not be in it.
          const acked = writers.acks.length;
          // One moment, and not the time a copy takes.
          server.signal("SIGSTOP");
          left.push({ disk: await disk.cut(), acked, stockAcked: stock.data.n });
          server.signal("SIGCONT");
        }
        await writers.stop();
        await server.kill();

        let stockLost = 0;
        for (const { disk: found, acked, stockAcked } of left) {
          const successor = start(join(found.mountPoint, "data"));
          const again = await successor.ready;
          for (const id of IDS) {
            const { body } = await call(`${again}/workflow/state?workflow_id=${id}`, "GET");
            const newest = writers.acks
              .slice(0, acked)
              .filter(({ workflow_id }) => workflow_id === id)
              .reduce((most, { revision }) => Math.max(most, revision), 1);
            expect(body.revision).toBeGreaterThanOrEqual(newest);
            const written = Object.entries(body.state).filter(([key]) => WRITERS.includes(key));
            expect(Object.fromEntries(written)).toEqual(replay(writers.acks, id, body.revision));
          }
          await successor.kill();
          const text = await readFile(join(found.mountPoint, "stock.json"), "utf8").catch(() => "");
          const kept = /"n": (\d+)/.exec(text)?.[1] ?? "0";
          if (Number(kept) < stockAcked) stockLost += 1;
        }
        // The same disk, the same cuts: without fsync something is lost, or this test would prove nothing.
        expect(stockLost).toBeGreaterThan(0);
      });
    } finally {
      where.isGone();
      for (const { disk: found } of left) await found.unmount().catch(() => {});
      await disk.unmount().catch(() => {});
    }
  });
});
