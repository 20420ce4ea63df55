import { describe, expect, it } from "vitest";
import { EtcdMirror } from "../../../../../server/cluster/etcdMirror.js";
import { Contention } from "../../../../../server/state/store/etcd/contention.js";
import { ASKS } from "../../../../../server/state/store/etcd/etcdKeys.js";
import { PassingKeys } from "../../../../../server/state/store/etcd/passingKeys.js";
import { manualClock } from "../../../../support/clocks/manualClock.js";
import { settled } from "../../../../support/clocks/settled.js";
import { FakeEtcd } from "../../../../support/etcd/fakeEtcd.js";

const PREFIX = "/t/";

/** Servers on one etcd in memory. */
function world() {
  const clock = manualClock();
  const etcd = new FakeEtcd(clock);
  const asked = () => [...etcd.keys.keys()].filter((key) => key.startsWith(PREFIX + ASKS)).length;
  const open = async () => {
    const client = etcd.client();
    const mirror = await EtcdMirror.open({
      ...{ client, clock, prefix: PREFIX, heavy: [], onTrouble: () => {} },
    });
    const passing = new PassingKeys({ client, clock });
    const contention = new Contention({ mirror, clock, passing });
    const wins = async (name: string) => {
      await mirror.transact({ compare: [], writes: contention.thanks(name) });
      contention.won(name);
    };
    return { client, contention, wins };
  };
  return { clock, asked, open };
}

/** Whether the promise is settled by now. */
async function isOver(promise: Promise<void> | null): Promise<boolean> {
  let over = promise === null;
  void promise?.then(() => {
    over = true;
  });
  await settled();
  return over;
}

describe("servers that contend for one thing", () => {
  it("a server that has lost twice asks, and the others stand aside until it has won", async () => {
    const { asked, open } = world();
    const [a, b] = [await open(), await open()];
    await b.contention.lost("x");
    expect([asked(), a.contention.standAside("x")]).toEqual([0, null]);
    await b.contention.lost("x");
    expect([asked(), b.contention.standAside("x")]).toEqual([1, null]);
    const aside = [a.contention.standAside("x"), a.contention.standAside("x")];
    for (const one of aside) expect(await isOver(one)).toBe(false);
    expect(a.contention.standAside("y")).toBe(null);
    await b.wins("x");
    for (const one of aside) expect(await isOver(one)).toBe(true);
    expect([asked(), a.contention.standAside("x")]).toEqual([0, null]);
  });

  it("those who ask have their turns in the order in which they asked", async () => {
    const { open } = world();
    const servers = [await open(), await open(), await open()];
    for (const { contention } of servers) for (let n = 0; n < 2; n++) await contention.lost("x");
    const [first, second, third] = servers;
    expect(first!.contention.standAside("x")).toBe(null);
    const [asideSecond, asideThird] = [
      second!.contention.standAside("x"),
      third!.contention.standAside("x"),
    ];
    await first!.wins("x");
    expect([await isOver(asideSecond), await isOver(asideThird)]).toEqual([true, false]);
    await second!.wins("x");
    expect(await isOver(asideThird)).toBe(true);
  });

  it("nobody stands aside twice for a server that does not come", async () => {
    const { clock, asked, open } = world();
    const [a, b] = [await open(), await open()];
    for (let n = 0; n < 2; n++) await b.contention.lost("x");
    const aside = a.contention.standAside("x");
    b.client.isCut = true;
    clock.advance(399);
    expect(await isOver(aside)).toBe(false);
    clock.advance(1);
    expect(await isOver(aside)).toBe(true);
    expect(a.contention.standAside("x")).toBe(null);
    // It asks anew where it comes late and loses again and again.
    b.client.isCut = false;
    for (let n = 0; n < 6; n++) {
      expect(a.contention.standAside("x")).toBe(null);
      await b.contention.lost("x");
    }
    expect(a.contention.standAside("x")).not.toBe(null);
    expect(asked()).toBe(1);
  });

  it("a turn that is not used is given back, and its losses are forgotten", async () => {
    const { clock, asked, open } = world();
    const { contention } = await open();
    for (let n = 0; n < 2; n++) await contention.lost("x");
    clock.advance(1_000);
    await settled();
    expect(asked()).toBe(0);
    await contention.lost("x");
    expect(asked()).toBe(0);
  });

  it("a server that cannot ask goes on without, and asks when it loses once more", async () => {
    const { asked, open } = world();
    const { client, contention } = await open();
    await contention.lost("x");
    client.isCut = true;
    const lost = contention.lost("x");
    await lost;
    expect([asked(), contention.thanks("x")]).toEqual([0, []]);
    client.isCut = false;
    await contention.lost("x");
    expect(asked()).toBe(1);
  });

  it("one that closes leaves no timer, and those who stand aside go on", async () => {
    const { clock, open } = world();
    const [a, b] = [await open(), await open()];
    for (let n = 0; n < 2; n++) await b.contention.lost("x");
    const aside = a.contention.standAside("x");
    a.contention.close();
    b.contention.close();
    expect(await isOver(aside)).toBe(true);
    expect([clock.waitingFor(400), clock.waitingFor(1_000)]).toEqual([0, 0]);
  });
});
