/** The outbox on a disk that is slow or refuses: what was removed stays away, and what was refused is tried again. */
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../../server/webhooks/delivery.js";
import { FileOutbox } from "../../../server/webhooks/fileOutbox.js";
import type { Shelf } from "../../../server/webhooks/outbox.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { until } from "../../support/deadline.js";
import { memoryDisk } from "../../support/disks/memoryDisk.js";
import { stateOf } from "../../support/disks/records.js";

const event = workflowEvent("ended", stateOf({ status: "completed" }), { epoch: "e", revision: 1 });
const delivery = (id: string): Delivery => ({
  ...{ id, webhook: "team", own: null, host: null, event, status: "waiting", tries: 0 },
  ...{ created_at: "2026-01-01T00:00:00.000Z", waited: 0, next_try: 0, last: null },
});

function world() {
  const disk = memoryDisk();
  const clock = manualClock();
  const outbox = new FileOutbox({ disk, dataDir: "/data", clock, onUnreadable: () => {} });
  const shelf = outbox.shelfOf("deploy", "e");
  outbox.amend(shelf, () => ({ taken: 1, deliveries: [delivery("one")] }));
  const idsOf = (of: Shelf) => of.keptDeliveries.map(({ id }) => id);
  const save = (of: Shelf) => outbox.change(of, (content) => content);
  return { disk, clock, outbox, shelf, save, idsOf };
}
const refused = { code: "ENOSPC" };

describe("an epoch that is removed", () => {
  test("a write under way that the disk refuses does not bring it back", async () => {
    const { disk, clock, outbox, save, shelf } = world();
    const release = disk.hold();
    const saved = expect(save(shelf)).rejects.toMatchObject(refused);
    await until(() => disk.begun === 1, "the write has begun");
    disk.refuse(true);
    const removed = outbox.remove("e");
    release();
    await Promise.all([saved, removed]);
    disk.refuse(false);
    expect(clock.waiting).toBe(0);
    clock.advance(60_000);
    await outbox.close();
    expect([disk.files.size, disk.begun]).toEqual([0, 1]);
  });

  test("a write under way that the disk takes is removed behind it", async () => {
    const { disk, outbox, save, shelf } = world();
    const release = disk.hold();
    const saved = save(shelf);
    await until(() => disk.begun === 1, "the write has begun");
    const removed = outbox.remove("e");
    release();
    await Promise.all([saved, removed]);
    expect(disk.files.size).toBe(0);
  });

  test("what is kept under the same epoch from then on is written behind the removal, and stays", async () => {
    const { disk, outbox, save, shelf, idsOf } = world();
    const release = disk.hold();
    const first = save(shelf);
    await until(() => disk.begun === 1, "the write has begun");
    const removed = outbox.remove("e");
    const next = outbox.shelfOf("deploy", "e");
    const second = outbox.change(next, () => ({ taken: 1, deliveries: [delivery("two")] }));
    release();
    await Promise.all([first, removed, second]);
    expect(idsOf(next)).toEqual(["two"]);
    expect([...disk.files.values()].join()).toContain('"two"');
  });

  test("the end waits for a removal that is under way", async () => {
    const { disk, outbox, save, shelf } = world();
    await save(shelf);
    const release = disk.hold();
    const saved = save(shelf);
    await until(() => disk.begun === 2, "the write has begun");
    void outbox.remove("e");
    const closed = outbox.close();
    release();
    await closed;
    await saved;
    expect(disk.files.size).toBe(0);
  });
});

describe("a disk that refuses", () => {
  test("the shelf is tried again after 5 s until it is taken, and only then it counts as kept", async () => {
    const { disk, clock, outbox, save, shelf, idsOf } = world();
    const late: Shelf[] = [];
    outbox.whenMoved((one) => late.push(one));
    disk.refuse(true);
    await expect(save(shelf)).rejects.toMatchObject(refused);
    clock.advance(5_000);
    await until(() => disk.begun === 2 && clock.waiting === 1, "it was refused again");
    expect([shelf.kept, idsOf(shelf), late]).toEqual([-1, [], []]);
    disk.refuse(false);
    clock.advance(5_000);
    await until(() => late.length > 0, "it is kept");
    expect([shelf.kept, idsOf(shelf), late]).toEqual([1, ["one"], [shelf]]);
    await outbox.close();
    expect(clock.waiting).toBe(0);
  });

  test("the end leaves no try to come", async () => {
    const { disk, clock, outbox, save, shelf } = world();
    disk.refuse(true);
    await expect(save(shelf)).rejects.toMatchObject(refused);
    await outbox.close();
    expect(clock.waiting).toBe(0);
  });
});
