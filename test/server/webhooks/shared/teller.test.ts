/** The duty of a cluster to tell webhooks: at any time one server has it, and another one takes it only once the others surely do not see the first. */
import { describe, expect, onTestFinished, test } from "vitest";
import { EtcdMirror } from "../../../../server/cluster/etcdMirror.js";
import { type Joined, joinCluster } from "../../../../server/cluster/nodes.js";
import { silentLog } from "../../../../server/log/log.js";
import { Teller } from "../../../../server/webhooks/shared/teller.js";
import { manualClock } from "../../../support/clocks/manualClock.js";
import { settled } from "../../../support/clocks/settled.js";
import { FakeEtcd } from "../../../support/etcd/fakeEtcd.js";

/** Servers on one etcd in memory and one clock. */
function world() {
  const clock = manualClock();
  const etcd = new FakeEtcd(clock);
  const closing: (() => Promise<void>)[] = [];
  let boots = 0;
  const pass = async (ms: number, look = () => {}) => {
    for (let left = ms; left > 0; left -= 250) {
      clock.advance(250);
      await settled();
      look();
    }
  };
  const waited = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    void promise.finally(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 200 && !isOver; turn++) await pass(250);
    return promise;
  };
  const join = async (name: string) => {
    const client = etcd.client();
    const mirror = await EtcdMirror.open({
      ...{ client, clock, prefix: "/t/", heavy: [], onTrouble: () => {} },
    });
    const boot_id = `boot ${++boots}`;
    const joining: Promise<Joined> = joinCluster({
      ...{ client, mirror, clock, prefix: "/t/", log: silentLog, up: () => null, wrote: () => {} },
      chance: { bytes: (count) => Buffer.alloc(count, ++boots), uuid: () => `id ${++boots}` },
      self: { name, url: "", boot_id, store_id: name, labels: [name], max_concurrent: 1 },
    });
    const { nodes, close: leave } = await waited(joining);
    const teller = new Teller({ mirror, nodes, bootId: boot_id, clock, log: silentLog });
    let ran = 0;
    teller.begin(() => void ran++);
    await settled();
    const close = async (goodbye = true) => {
      await teller.close();
      await waited(leave(goodbye));
      await waited(mirror.close());
    };
    closing.push(close);
    return { client, teller, close, ran: () => ran };
  };
  onTestFinished(async () => {
    for (const close of closing.reverse()) await close();
  });
  return { clock, etcd, pass, join };
}

describe("the duty to tell webhooks", () => {
  test("one of several has it, keeps it while it is there, and looks again every 10 s", async () => {
    const { pass, join } = world();
    const [one, other] = [await join("a"), await join("b")];
    expect([one.teller.term !== null, other.teller.term]).toEqual([true, null]);
    expect([one.ran(), other.ran()]).toEqual([1, 0]);
    await pass(21_000);
    expect([one.teller.term?.aborted, other.teller.term]).toEqual([false, null]);
    expect([one.ran(), other.ran()]).toEqual([3, 0]);
  });

  test("one that says goodbye hands it on at once, and one that is silent once the others do not see it", async () => {
    const { pass, join } = world();
    const [one, other] = [await join("a"), await join("b")];
    await one.close();
    expect(other.teller.term).not.toBeNull();
    const third = await join("c");
    await other.close(false);
    expect(third.teller.term).toBeNull();
    await pass(11_000);
    expect(third.teller.term).not.toBeNull();
  });

  test("one that is cut off ends what it has under way before another one begins, and never do two have it", async () => {
    const { pass, join } = world();
    const [one, other] = [await join("a"), await join("b")];
    const { term } = one.teller;
    one.client.isCut = true;
    const both: boolean[] = [];
    const order: string[] = [];
    await pass(12_000, () => {
      both.push(one.teller.term !== null && other.teller.term !== null);
      if (term?.aborted && order.length === 0) order.push("a has ended");
      if (other.teller.term && order.length < 2) order.push("b has begun");
    });
    expect([both.includes(true), order]).toEqual([false, ["a has ended", "b has begun"]]);
    one.client.isCut = false;
    await pass(6_000);
    expect([one.teller.term, other.teller.term !== null]).toEqual([null, true]);
  });

  test("a server that comes back under its name, as another process, has it at once", async () => {
    const { join } = world();
    const one = await join("a");
    await one.close(false);
    const next = await join("a");
    expect(next.teller.term).not.toBeNull();
  });

  test("its end leaves no timer", async () => {
    const { clock, join } = world();
    const one = await join("a");
    await one.close();
    expect([clock.waiting, one.teller.term]).toEqual([0, null]);
  });
});
