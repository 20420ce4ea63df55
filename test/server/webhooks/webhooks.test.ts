/** Webhooks on a disk that refuses: nothing is said to be delivered that was not kept, and the tries go on. */
import { describe, expect, onTestFinished, test } from "vitest";
import { FileOutbox } from "../../../server/webhooks/fileOutbox.js";
import type { PlacedWebhook } from "../../../server/webhooks/webhook.js";
import { Webhooks } from "../../../server/webhooks/webhooks.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { until } from "../../support/deadline.js";
import { commitsOf } from "../../support/disks/commitsOf.js";
import { memoryDisk } from "../../support/disks/memoryDisk.js";
import { MemoryStore } from "../../support/disks/memoryStore.js";
import { recordOf, stateOf } from "../../support/disks/records.js";
import { openReceiver, type Receiver } from "../../support/links/receiver.js";

async function world(receiver: Receiver) {
  const disk = memoryDisk();
  const clock = manualClock();
  const store = new MemoryStore();
  const commits = commitsOf(store);
  const logged: string[] = [];
  const write = (_about: unknown, text: string) => void logged.push(text);
  const outbox = new FileOutbox({ disk, dataDir: "/data", clock, onUnreadable: () => {} });
  const team: PlacedWebhook = {
    ...{ name: "team", url: receiver.url, events: ["ended"], format: "json" },
    ...{ headers: {}, allowPrivate: true, folder: "." },
  };
  const webhooks = new Webhooks({
    ...{ clock, store, commits, outbox, own: [team], env: {}, chance: () => 0.5 },
    log: { debug: write, info: write, warn: write, error: write } as never,
    ofDefinition: () => [],
    pageOf: () => null,
  });
  onTestFinished(() => webhooks.close());
  await webhooks.begin();
  const start = recordOf();
  await store.commit(start, null);
  /** Ends the workflow as a command does. */
  const end = async () => {
    const state = stateOf({ status: "completed" });
    await store.commit(webhooks.mark(start, { ...start, revision: 2, state }), start);
  };
  const told = () => webhooks.keptDeliveriesOf("e1").map(({ status, tries }) => [status, tries]);
  return { disk, clock, store, webhooks, logged, end, told };
}

describe("who asks right after an end", () => {
  test("the list has its delivery, however long the disk takes to keep it", async () => {
    const { disk, store, webhooks, end } = await world(await openReceiver());
    const release = disk.hold();
    await end();
    const asked = webhooks.deliveriesOf(store.open.get("deploy")!);
    await until(() => disk.begun === 1, "the delivery is being kept");
    release();
    expect(await asked).toMatchObject([{ event: "ended", revision: 2 }]);
  });

  test("the list is refused while the disk does not keep it, and nobody hears of what could be lost", async () => {
    const { disk, store, webhooks, end } = await world(await openReceiver());
    disk.refuse(true);
    await end();
    const asked = () => webhooks.deliveriesOf(store.open.get("deploy")!);
    await expect(asked()).rejects.toMatchObject({ code: "not_saved" });
    disk.refuse(false);
    expect(await asked()).toHaveLength(1);
  });
});

describe("a disk that refuses", () => {
  test("a delivery whose outcome is not kept is not said to be delivered, the log says so, and it is once it is kept", async () => {
    let answer = () => {};
    const receiver = await openReceiver((response) => {
      answer = () => void response.writeHead(204).end();
    });
    const { disk, clock, end, told, logged } = await world(receiver);
    const release = disk.hold();
    await end();
    await until(() => disk.begun === 1, "the delivery is being kept");
    expect(told()).toEqual([]);
    release();
    await receiver.untilTold(1);
    disk.refuse(true);
    answer();
    const words = "what became of a delivery could not be kept";
    await until(() => logged.includes(words), "the log says so");
    expect(told()).toEqual([["waiting", 0]]);
    disk.refuse(false);
    clock.advance(5_000);
    await until(() => told()[0]?.[0] === "delivered", "it is kept");
    expect(told()).toEqual([["delivered", 1]]);
    expect(receiver.told).toHaveLength(1);
  });

  test("an event that could not be kept is told once the disk takes it, without anybody asking", async () => {
    const receiver = await openReceiver();
    const { disk, clock, end, told, logged } = await world(receiver);
    disk.refuse(true);
    await end();
    const words = "the deliveries of webhooks could not be kept; that is tried again";
    await until(() => logged.includes(words), "the log says so");
    expect([told(), receiver.told]).toEqual([[], []]);
    disk.refuse(false);
    clock.advance(5_000);
    await receiver.untilTold(1);
    await until(() => told()[0]?.[0] === "delivered", "it is kept");
  });

  test("an event that could not be kept is told as soon as somebody's question has it kept", async () => {
    const receiver = await openReceiver();
    const { disk, store, webhooks, end, logged } = await world(receiver);
    disk.refuse(true);
    await end();
    await until(() => logged.length === 1, "the log says so");
    disk.refuse(false);
    await webhooks.deliveriesOf(store.open.get("deploy")!);
    await receiver.untilTold(1);
  });

  test("a wish to send again that is refused changes nothing, also not later", async () => {
    const receiver = await openReceiver();
    const { disk, clock, end, told, webhooks } = await world(receiver);
    await end();
    await until(() => told()[0]?.[0] === "delivered", "it is told");
    disk.refuse(true);
    const { id } = webhooks.keptDeliveriesOf("e1")[0]!;
    await expect(webhooks.retry("e1", id)).rejects.toMatchObject({ code: "not_saved" });
    disk.refuse(false);
    const before = disk.begun;
    clock.advance(5_000);
    await until(() => disk.begun > before, "the shelf is written again");
    await webhooks.untilTried("deploy");
    expect(told()).toEqual([["delivered", 1]]);
    expect(receiver.told).toHaveLength(1);
  });
});
