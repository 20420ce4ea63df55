/** Whose turn it is: in order for each webhook and workflow, each webhook in its turn, and at a cost that does not grow with all that wait. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Delivery } from "../../../server/webhooks/delivery.js";
import { Dispatch, type Placed } from "../../../server/webhooks/dispatch.js";
import type { Shelf } from "../../../server/webhooks/outbox.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { until } from "../../support/deadline.js";

/** How often somebody has asked whether one waits. */
let looks = 0;

interface Given {
  readonly webhook: string;
  readonly revision: number;
  readonly status?: Delivery["status"];
  readonly next_try?: number;
}

const given = (epoch: string, { status = "waiting", ...one }: Given): Delivery =>
  ({
    ...{ id: `${epoch}_${one.revision}_${one.webhook}`, own: null, next_try: 0, ...one },
    ...{ event: { revision: one.revision }, created_at: "2026-01-01T00:00:00.000Z" },
    last: { at: "2026-01-01T00:00:00.000Z" },
    get status() {
      looks += 1;
      return status;
    },
  }) as unknown as Delivery;

function world(all: ReadonlyMap<string, readonly Given[]>) {
  const clock = manualClock();
  const shelves = new Map<string, Shelf>();
  for (const [epoch, some] of all) {
    const deliveries = some.map((one) => given(epoch, one));
    const revisions = { taken: 100, kept: 100 };
    const workflow_id = `of-${epoch}`;
    shelves.set(epoch, { workflow_id, epoch, ...revisions, deliveries, keptDeliveries: [] });
  }
  const begun: string[] = [];
  const under = new Map<string, (status: Delivery["status"], next_try?: number) => void>();
  const attempt = ({ shelf, delivery }: Placed) =>
    new Promise<void>((resolve) => {
      begun.push(delivery.id);
      under.set(delivery.id, (status, next_try = 0) => {
        under.delete(delivery.id);
        const { webhook, event } = delivery;
        const after = given(shelf.epoch, { webhook, revision: event.revision, status, next_try });
        shelf.deliveries = shelf.deliveries.map((one) => (one === delivery ? after : one));
        resolve();
      });
    });
  const dispatch = new Dispatch({ clock, shelves, attempt });
  onTestFinished(async () => {
    const closed = dispatch.close();
    for (const end of under.values()) end("delivered");
    await closed;
    expect(clock.waiting).toBe(0);
  });
  /** Ends one, and waits until so many have begun in all. */
  const end = async (id: string, count: number) => {
    under.get(id)?.("delivered");
    await until(() => begun.length === count, `${count} have begun`);
  };
  return { clock, shelves, dispatch, begun, under, end };
}

const manyOf = (count: number, webhook: string, prefix: string): [string, Given[]][] =>
  Array.from({ length: count }, (_, index) => [`${prefix}${index}`, [{ webhook, revision: 1 }]]);

describe("a flood", () => {
  test("of a thousand that wait, each end costs a look at a few of them only", async () => {
    const { dispatch, begun, under } = world(new Map(manyOf(1_000, "team", "e")));
    dispatch.look();
    looks = 0;
    for (let round = 0; begun.length < 1_000 && round < 10_000; round += 1) {
      for (const end of [...under.values()]) end("delivered");
      await null;
    }
    expect(looks).toBeLessThan(10_000);
    expect(new Set(begun).size).toBe(1_000);
  });

  test("of failures that fall due one by one is looked at ten times in a second at most", async () => {
    const { clock, dispatch, begun, under } = world(
      new Map(
        Array.from({ length: 100 }, (_, index) => [
          `e${index}`,
          [{ webhook: `w${index}`, revision: 1, next_try: manualClock().now() + 1_000 + index }],
        ]),
      ),
    );
    dispatch.look();
    looks = 0;
    clock.advance(1_000);
    expect(begun).toHaveLength(1);
    clock.advance(100);
    expect(begun).toHaveLength(8);
    expect(looks).toBeLessThanOrEqual(300);
    for (const end of [...under.values()]) end("delivered");
    await until(() => begun.length === 16, "the others go on by themselves");
  });
});

describe("whose turn it is", () => {
  test("what comes behind a flood to other webhooks has its turn before theirs are over", async () => {
    const floods = ["a", "b", "c", "d"].flatMap((webhook) => manyOf(50, webhook, webhook));
    const { shelves, dispatch, begun, end } = world(new Map(floods));
    dispatch.look();
    expect(begun).toHaveLength(8);
    const late = given("z", { webhook: "late", revision: 1 });
    const shelf = { ...shelves.get("a0")!, workflow_id: "of-z", epoch: "z", deliveries: [late] };
    shelves.set("z", shelf);
    dispatch.lookAtOne("of-z");
    await end("a0_1_a", 9);
    await end("a1_1_a", 10);
    expect(begun.slice(8)).toEqual(["a2_1_a", "z_1_late"]);
  });

  test("two of one webhook and workflow never run at once, and go in the order of their events", async () => {
    const inOrder = [1, 2, 3].map((revision) => ({ webhook: "team", revision }));
    const { dispatch, begun, end } = world(new Map([["e", inOrder]]));
    dispatch.look();
    dispatch.lookAtOne("of-e");
    expect(begun).toEqual(["e_1_team"]);
    await end("e_1_team", 2);
    await end("e_2_team", 3);
    expect(begun).toEqual(["e_1_team", "e_2_team", "e_3_team"]);
  });

  test("one that fell out while it waited for room is not told, and the next of its workflow is", async () => {
    const two = [1, 2].map((revision) => ({ webhook: "team", revision }));
    const { shelves, dispatch, begun, end } = world(
      new Map([...manyOf(2, "team", "e"), ["z", two]]),
    );
    dispatch.look();
    const shelf = shelves.get("z")!;
    const [oldest, next] = shelf.deliveries;
    const fallen = given("z", {
      webhook: "team",
      revision: oldest!.event.revision,
      status: "dropped",
    });
    shelf.deliveries = [fallen, next!];
    await end("e0_1_team", 3);
    expect(begun.at(-1)).toBe("z_2_team");
  });

  test("one that failed holds up those behind it, and goes first when it falls due", async () => {
    const two = [1, 2].map((revision) => ({ webhook: "team", revision }));
    const { clock, dispatch, begun, under } = world(new Map([["e", two]]));
    dispatch.look();
    under.get("e_1_team")?.("waiting", clock.now() + 5_000);
    await until(() => clock.waitingFor(5_000) === 1, "it waits for its time");
    clock.advance(5_000);
    expect(begun).toEqual(["e_1_team", "e_1_team"]);
  });
});
