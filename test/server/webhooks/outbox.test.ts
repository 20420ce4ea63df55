/** What every outbox promises, in files and in etcd: a change is seen at once, counts once it is durable, and is found by whoever opens it next. */
import { describe, expect, test } from "vitest";
import { EtcdMirror } from "../../../server/cluster/etcdMirror.js";
import { silentLog } from "../../../server/log/log.js";
import type { Delivery } from "../../../server/webhooks/delivery.js";
import { FileOutbox } from "../../../server/webhooks/fileOutbox.js";
import type { Outbox, Shelf, ShelfChange } from "../../../server/webhooks/outbox.js";
import { EtcdOutbox } from "../../../server/webhooks/shared/etcdOutbox.js";
import { SHELVES } from "../../../server/webhooks/shared/shelfValue.js";
import { taking, tried, unwished, wished } from "../../../server/webhooks/shelfChanges.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { type ManualClock, manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { until } from "../../support/deadline.js";
import { memoryDisk } from "../../support/disks/memoryDisk.js";
import { stateOf } from "../../support/disks/records.js";
import { FakeEtcd } from "../../support/etcd/fakeEtcd.js";

const eventOf = (revision: number, title = "") =>
  workflowEvent("ended", stateOf({ status: "completed", title }), { epoch: "e", revision });
const delivery = (id: string, revision: number, more: Partial<Delivery> = {}): Delivery => ({
  ...{ id, webhook: "team", own: null, host: null, event: eventOf(revision), status: "waiting" },
  ...{ tries: 0, created_at: "2026-01-01T00:00:00.000Z", waited: 0, next_try: 0, last: null },
  ...more,
});
const takes = (revision: number, ...ids: string[]): ShelfChange =>
  taking([{ revision, deliveries: ids.map((id) => delivery(id, revision)) }]);
const is = (of: Delivery, status: Delivery["status"]): ShelfChange =>
  tried(of, { ...of, status, tries: of.tries + 1, next_try: null });
const idsOf = (deliveries: readonly Delivery[] = []) => deliveries.map(({ id }) => id);

interface World {
  readonly clock: ManualClock;
  /** One more that opens what is kept. */
  readonly open: () => Promise<Outbox>;
  /** What keeps them refuses from now on, or not. */
  readonly refuse: (refuses: boolean) => void;
  /** How many writes have come. */
  readonly writes: () => number;
  readonly keeps: () => number;
}

function files(): World {
  const [disk, clock] = [memoryDisk(), manualClock()];
  return {
    clock,
    open: async () => {
      const outbox = new FileOutbox({ disk, dataDir: "/data", clock, onUnreadable: () => {} });
      await outbox.load();
      return outbox;
    },
    refuse: (refuses) => disk.refuse(refuses),
    writes: () => disk.begun,
    keeps: () => disk.files.size,
  };
}

function etcd() {
  const clock = manualClock();
  const keys = new FakeEtcd(clock);
  const clients: ReturnType<FakeEtcd["client"]>[] = [];
  const warned: object[] = [];
  return {
    ...{ clock, keys, clients, warned },
    open: async (transactMs = 0) => {
      const client = keys.client();
      clients.push(client);
      const mirror = await EtcdMirror.open({
        ...{ client, clock, prefix: "/t/", heavy: [SHELVES], onTrouble: () => {}, transactMs },
      });
      const log = { ...silentLog, warn: (about: object) => void warned.push(about) };
      return new EtcdOutbox({ mirror, clock, log: log as never });
    },
    refuse: (refuses: boolean) => {
      for (const client of clients) client.isCut = refuses;
    },
    writes: () => keys.revision - 1,
    keeps: () => keys.keys.size,
  };
}

describe.each<[string, () => World]>([
  ["in files", files],
  ["in etcd", etcd],
])("an outbox %s", (_where, world) => {
  test("a change is seen at once, is kept once it is durable, and the next one finds it", async () => {
    const { open } = world();
    const outbox = await open();
    const shelf = outbox.shelfOf("deploy", "e");
    const kept = outbox.change(shelf, takes(3, "one", "two"));
    expect([shelf.taken, idsOf(shelf.deliveries)]).toEqual([3, ["one", "two"]]);
    expect([shelf.kept, shelf.keptDeliveries]).toEqual([-1, []]);
    await kept;
    expect([shelf.kept, idsOf(shelf.keptDeliveries)]).toEqual([3, ["one", "two"]]);
    await outbox.close();
    const found = (await open()).shelves.get("e");
    expect(found).toMatchObject({ workflow_id: "deploy", epoch: "e", taken: 3, kept: 3 });
    expect(found?.deliveries).toEqual(shelf.deliveries);
  });

  test("several changes of one turn are one write, and a change that came meanwhile is kept, too", async () => {
    const { open, writes } = world();
    const outbox = await open();
    const shelf = outbox.shelfOf("deploy", "e");
    await Promise.all([1, 2, 3].map((at) => outbox.change(shelf, takes(at, `d${at}`))));
    expect(writes()).toBe(1);
    const first = outbox.change(shelf, takes(4, "d4"));
    await Promise.resolve();
    await Promise.resolve();
    const second = outbox.change(shelf, takes(5, "d5"));
    await Promise.all([first, second]);
    expect(idsOf(shelf.keptDeliveries)).toEqual(["d1", "d2", "d3", "d4", "d5"]);
    // Right behind the end of a write.
    for (let at = 6; at < 20; at++) {
      await outbox.change(shelf, takes(at, `d${at}`));
      expect(shelf.kept).toBe(at);
    }
  });

  test("of those that are over the newest 20 stay, and all that wait", async () => {
    const outbox = await world().open();
    const shelf = outbox.shelfOf("deploy", "e");
    const ids = Array.from({ length: 30 }, (_, index) => `d${index}`);
    await outbox.change(shelf, takes(1, ...ids));
    for (const one of shelf.deliveries.slice(2)) await outbox.change(shelf, is(one, "delivered"));
    expect(idsOf(shelf.keptDeliveries)).toEqual(["d0", "d1", ...ids.slice(10)]);
  });

  test("what is refused is tried again after 5 s until it is taken, and only then it counts as kept", async () => {
    const { open, refuse, clock } = world();
    const outbox = await open();
    const moved: Shelf[] = [];
    outbox.whenMoved((one) => moved.push(one));
    const shelf = outbox.shelfOf("deploy", "e");
    refuse(true);
    await expect(outbox.change(shelf, takes(1, "one"))).rejects.toThrow();
    clock.advance(5_000);
    await until(() => clock.waitingFor(5_000) > 0, "it was refused again");
    expect([shelf.kept, moved]).toEqual([-1, []]);
    refuse(false);
    clock.advance(5_000);
    await until(() => moved.length > 0, "it is kept");
    expect([shelf.kept, idsOf(shelf.keptDeliveries), moved]).toEqual([1, ["one"], [shelf]]);
    await outbox.close();
  });

  test("a wish that was refused and taken back is not kept later", async () => {
    const { open, refuse, clock } = world();
    const outbox = await open();
    const shelf = outbox.shelfOf("deploy", "e");
    await outbox.change(shelf, takes(1, "one"));
    await outbox.change(shelf, is(shelf.deliveries[0]!, "delivered"));
    const [before] = shelf.deliveries;
    refuse(true);
    await expect(outbox.change(shelf, wished("one", 7))).rejects.toThrow();
    outbox.amend(shelf, unwished(before!, 7));
    refuse(false);
    clock.advance(5_000);
    await settled();
    await outbox.change(shelf, takes(2, "two"));
    expect(shelf.keptDeliveries[0]).toEqual(before);
  });

  test("an epoch that is removed is found by nobody any more, and its end leaves nothing to come", async () => {
    const { open, keeps } = world();
    const outbox = await open();
    await outbox.change(outbox.shelfOf("deploy", "e"), takes(1, "one"));
    await outbox.remove("e");
    expect([keeps(), outbox.shelves.size]).toEqual([0, 0]);
    await outbox.remove("e");
    expect((await open()).shelves.size).toBe(0);
  });
});

describe("an outbox that servers share", () => {
  async function two() {
    const world = etcd();
    const [one, other] = [await world.open(10_000), await world.open(10_000)];
    return { ...world, one, other, shelves: [one, other].map((of) => of.shelfOf("deploy", "e")) };
  }

  test("what two change at the same time is there whole, and an event that both have taken once", async () => {
    const { one, other, shelves } = await two();
    const [mine, others] = [shelves[0]!, shelves[1]!];
    await Promise.all([
      one.change(mine, takes(1, "d1")),
      other.change(others, takes(1, "d1")),
      other.change(others, takes(2, "d2")),
    ]);
    for (const { kept, keptDeliveries } of shelves)
      expect([kept, idsOf(keptDeliveries)]).toEqual([2, ["d1", "d2"]]);
    await Promise.all([
      one.change(mine, is(mine.deliveries[0]!, "delivered")),
      other.change(others, wished("d2", 5)),
    ]);
    for (const { keptDeliveries } of shelves)
      expect(keptDeliveries).toMatchObject([{ status: "delivered" }, { waited: 0, next_try: 5 }]);
  });

  test("a server hears of what another one has changed, and of what it has removed", async () => {
    const { one, other, shelves } = await two();
    const moved: string[] = [];
    other.whenMoved(({ epoch }) => moved.push(epoch));
    await one.change(shelves[0]!, takes(1, "d1"));
    expect(moved).toEqual(["e"]);
    await other.remove("e");
    expect([one.shelves.size, other.shelves.size]).toEqual([0, 0]);
  });

  test("one whose try came too late changes nothing of what another server has tried since, but that it was delivered", async () => {
    const { one, other, shelves } = await two();
    const [mine, others] = [shelves[0]!, shelves[1]!];
    await one.change(mine, takes(1, "d1"));
    const [before] = mine.deliveries as [Delivery];
    const later = { ...before, tries: 1, next_try: 5_000 };
    await other.change(others, tried(others.deliveries[0]!, { ...later, next_try: 9_000 }));
    await one.change(mine, tried(before, later));
    expect(others.keptDeliveries).toMatchObject([{ tries: 1, next_try: 9_000 }]);
    await one.change(mine, is(before, "delivered"));
    await other.change(others, tried({ ...later }, { ...later, tries: 2 }));
    expect(others.keptDeliveries).toMatchObject([{ status: "delivered", tries: 1 }]);
  });

  test("a change whose answer was lost is made once", async () => {
    const { one, clock, clients, keys, shelves } = await two();
    clients[0]!.losesAnswer = true;
    const kept = one.change(shelves[0]!, takes(1, "d1"));
    await until(() => clock.waitingFor(100) > 0, "it asks again");
    clock.advance(100);
    await kept;
    expect([keys.revision, idsOf(shelves[1]!.keptDeliveries)]).toEqual([2, ["d1"]]);
  });

  test("of a workflow that has more to tell than etcd takes the oldest fall out, and the log says so", async () => {
    const { one, keys, warned, shelves } = await two();
    const shelf = shelves[0]!;
    const long = Array.from({ length: 40 }, (_, index) =>
      delivery(`d${index}`, 1, {
        event: { ...eventOf(1), error: String(index % 10).repeat(80_000) },
      }),
    );
    await one.change(shelf, taking([{ revision: 1, deliveries: long }]));
    const waiting = shelf.keptDeliveries.filter(({ status }) => status === "waiting");
    expect(waiting.length).toBeGreaterThan(0);
    expect(idsOf(waiting)).toEqual(idsOf(long.slice(-waiting.length)));
    expect(warned).toHaveLength(40 - waiting.length);
    for (const { value } of keys.keys.values()) expect(value.length).toBeLessThan(2 ** 20);
    expect(shelves[1]!.keptDeliveries).toEqual(shelf.keptDeliveries);
  });

  test("a value that nobody can read takes nothing else with it, and gives way to what is to be told", async () => {
    const { one, clients, shelves } = await two();
    const writes = [{ put: "/t/webhook/e", value: Buffer.from("nonsense") }];
    await clients[1]!.transact({ compare: [], writes });
    await one.change(shelves[0]!, takes(1, "d1"));
    expect(idsOf(shelves[1]!.keptDeliveries)).toEqual(["d1"]);
  });

  test("a value that a later version has written is left to it, and what is to be told is refused", async () => {
    const { one, keys, clients, shelves } = await two();
    const value = Buffer.from(JSON.stringify({ format: 2, told: [] }));
    await clients[1]!.transact({ compare: [], writes: [{ put: "/t/webhook/e", value }] });
    const kept = one.change(shelves[0]!, takes(1, "d1"));
    await expect(kept).rejects.toMatchObject({ code: "not_saved" });
    await one.remove("e");
    expect([...keys.keys.values()].map((found) => found.value)).toEqual([value]);
  });
});
