import { describe, expect, it } from "vitest";
import type { NodeChange } from "../../../server/cluster/cluster.js";
import { ClusterRefused } from "../../../server/cluster/clusterRefused.js";
import { EtcdMirror } from "../../../server/cluster/etcdMirror.js";
import { type Joined, joinCluster } from "../../../server/cluster/nodes.js";
import { silentLog } from "../../../server/log/log.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { settled } from "../../support/clocks/settled.js";
import { FakeEtcd } from "../../support/etcd/fakeEtcd.js";

const PREFIX = "/t/";

/** Servers on one etcd in memory and one clock. */
function world() {
  const clock = manualClock();
  const etcd = new FakeEtcd(clock);
  let slept = 0;
  /** The machine sleeps: no elapsed time passes, and the lease in etcd goes on ending. */
  const sleepMachine = (seconds: number) => {
    slept += seconds;
  };
  const closing: (() => Promise<void>)[] = [];
  let ids = 0;
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      await settled();
    }
  };
  const join = async (name: string, store_id: string = `store of ${name}`) => {
    const client = etcd.client();
    const mirror = await EtcdMirror.open({
      ...{ client, clock, prefix: PREFIX, heavy: [], onTrouble: () => {} },
    });
    const wrote: number[] = [];
    const boot_id = `boot ${++ids}`;
    const joined: Promise<Joined> = joinCluster({
      ...{ client, mirror, clock, prefix: PREFIX, log: silentLog },
      up: () => 1_000 + slept + clock.elapsed() / 1_000,
      chance: { bytes: (count) => Buffer.alloc(count, ++ids), uuid: () => `id ${++ids}` },
      self: { name, url: "", boot_id, store_id, labels: [name], max_concurrent: 10 },
      wrote: (revision, sentAt) => {
        wrote.push(revision);
        mirror.freshness.owe(revision, sentAt);
      },
    });
    const changes: string[] = [];
    const node = await waited(joined, pass);
    const told = ({ kind, node: { name: who } }: NodeChange) => changes.push(`${who} ${kind}`);
    node.nodes.listen(told);
    await settled();
    const close = async () => {
      await node.close();
      await mirror.close();
    };
    closing.push(close);
    return { ...node, client, mirror, changes, wrote, boot_id, close };
  };
  const end = async () => {
    for (const close of closing) await waited(close(), pass);
  };
  return { clock, etcd, join, pass, end, sleepMachine };
}

/** Time passes until it is decided. */
async function waited<T>(promise: Promise<T>, pass: (ms: number) => Promise<void>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  await settled();
  for (let turn = 0; !isOver && turn < 100; turn++) await pass(500);
  return promise;
}

describe("the nodes of a cluster", () => {
  it("nodes see each other come, with what the others have to know", async () => {
    const { join, end } = world();
    const a = await join("a");
    const b = await join("b");
    expect(a.changes).toEqual(["b came"]);
    expect([...a.nodes.present.keys()].sort()).toEqual(["a", "b"]);
    expect(b.nodes.present.get("a")).toEqual({
      ...{ name: "a", url: "", boot_id: a.boot_id, store_id: "store of a", labels: ["a"] },
      ...{ max_concurrent: 10, since: "2026-01-01T00:00:00.000Z" },
    });
    expect(a.nodes.me).toBe("a");
    await end();
  });

  it("all nodes share one secret and one cluster, whoever came first", async () => {
    const { join, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    expect(a.meta.secret).toHaveLength(32);
    expect(b.meta).toEqual(a.meta);
    await end();
  });

  it("a node is told to the others where it is reached, as soon as it knows", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    b.reachedAt("http://b:1");
    await pass(500);
    expect(a.nodes.present.get("b")?.url).toBe("http://b:1");
    expect(a.changes).toEqual(["b came", "b came"]);
    await end();
  });

  it("a node that says goodbye is gone at once, and it is known since when", async () => {
    const { join, etcd, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    await pass(3_000);
    await b.close();
    await settled();
    expect(a.changes).toEqual(["b came", "b left"]);
    expect(a.nodes.awaySince("b")).toBe("2026-01-01T00:00:03.000Z");
    expect(a.nodes.awaySince("a")).toBeNull();
    expect(a.nodes.awaySince("nobody")).toBeNull();
    expect(etcd.leases).toBe(1);
    await end();
  });

  it("a node that dies is gone once its lease has ended, and who comes later knows since when", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    b.client.isCut = true;
    await pass(9_000);
    expect(a.changes).toEqual(["b came"]);
    await pass(3_000);
    expect(a.changes).toEqual(["b came", "b left"]);
    const c = await join("c");
    expect(c.nodes.awaySince("b")).toBe(a.nodes.awaySince("b"));
    expect(c.nodes.awaySince("b")).toBe("2026-01-01T00:00:10.000Z");
    await end();
  });

  it("a node that stays is there for as long as it lives, and each put is told to whoever follows", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    await pass(60_000);
    expect(a.changes).toEqual(["b came"]);
    expect(b.nodes.isSure).toBe(true);
    expect(b.wrote.length).toBeGreaterThan(25);
    expect(b.mirror.freshness.staleSince).toBeNull();
    await end();
  });

  it("a node that is cut off is not sure before the others can have taken it for lost, and comes back", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    await pass(2_000);
    b.client.isCut = true;
    await pass(7_500);
    expect(b.nodes.isSure).toBe(true);
    await pass(500);
    expect(b.nodes.isSure).toBe(false);
    expect(a.changes).toEqual(["b came"]);
    await pass(4_000);
    expect(a.changes).toEqual(["b came", "b left"]);
    b.client.isCut = false;
    await pass(2_500);
    expect(a.changes).toEqual(["b came", "b left", "b came"]);
    expect(b.nodes.isSure).toBe(true);
    expect(a.nodes.awaySince("b")).toBeNull();
    await end();
  });

  it("a server that was stopped knows that it is not sure before it has asked anybody", async () => {
    const { join, clock, pass, end } = world();
    const b = await join("b");
    await pass(2_000);
    let first: boolean | null = null;
    clock.after(5_000, () => {
      first = b.nodes.isSure;
    });
    clock.sleep(30_000);
    expect(first).toBe(false);
    expect(b.nodes.isSure).toBe(false);
    await pass(4_000);
    expect(b.nodes.isSure).toBe(true);
    await end();
  });

  it("an acknowledgment that was lost costs nothing: the key is found to be ours", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    b.client.losesAnswer = true;
    await pass(20_000);
    expect(a.changes).toEqual(["b came"]);
    expect(b.nodes.isSure).toBe(true);
    await end();
  });
});

describe("the stay of a node", () => {
  it("a stay lasts surely for eight seconds after a keep-alive was sent, on the clock of the machine", async () => {
    const { join, pass, clock, end } = world();
    const b = await join("b");
    await pass(2_000);
    expect(b.nodes.stay).toEqual({
      ...{ count: 0, isContinued: false },
      until: 1_000 + clock.elapsed() / 1_000 + 8,
    });
    b.client.isCut = true;
    await pass(6_000);
    expect(b.nodes.stay?.until).toBe(1_000 + clock.elapsed() / 1_000 + 2);
    await end();
  });

  it("a node that was away begins another stay, however often it was told so", async () => {
    const { join, pass, end } = world();
    const b = await join("b");
    b.client.isCut = true;
    await pass(20_000);
    b.client.isCut = false;
    b.client.losesAnswer = true;
    await pass(6_000);
    expect(b.nodes.stay).toMatchObject({ count: 1, isContinued: false });
    await end();
  });

  it("a cut that is shorter than the lease and an answer that was lost end no stay", async () => {
    const { join, pass, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    b.client.losesAnswer = true;
    await pass(4_000);
    b.client.isCut = true;
    await pass(6_000);
    b.client.isCut = false;
    await pass(6_000);
    expect(b.nodes.stay?.count).toBe(0);
    expect(a.changes).toEqual(["b came"]);
    await end();
  });

  it("a server that begins again on its folder goes on with the stay of the one before, where nobody saw it go", async () => {
    const { join, pass, end } = world();
    const first = await join("a");
    first.client.isCut = true;
    await pass(6_000);
    const again = await join("a");
    expect(again.nodes.stay).toMatchObject({ count: 0, isContinued: true });
    again.client.isCut = true;
    await pass(14_000);
    const late = await join("a");
    expect(late.nodes.stay).toMatchObject({ count: 0, isContinued: false });
    await end();
  });

  it("a name that another server has taken meanwhile ends the stay", async () => {
    const { join, pass, end } = world();
    const a = await join("a");
    a.client.isCut = true;
    await join("a", "another folder");
    a.client.isCut = false;
    await pass(4_000);
    expect(a.nodes.stay).toBeNull();
    await end();
  });

  it("a machine that sleeps is not sure when it wakes, though no elapsed time has passed", async () => {
    const { join, pass, sleepMachine, end } = world();
    const b = await join("b");
    await pass(2_000);
    expect(b.nodes.isSure).toBe(true);
    sleepMachine(9);
    expect(b.nodes.isSure).toBe(false);
    await end();
  });
});

describe("a name", () => {
  it("a living node keeps its name, and another server is refused in words", async () => {
    const { join, pass, etcd, end } = world();
    const a = await join("a");
    await expect(join("a", "another folder")).rejects.toThrow(ClusterRefused);
    await expect(join("a", "another folder")).rejects.toThrow(
      "another server of this cluster is called a: give --node another name",
    );
    await pass(2_000);
    expect(a.nodes.isSure).toBe(true);
    expect(etcd.leases).toBe(1);
    await end();
  });

  it("a server that begins again on its folder takes its own name over at once, and nobody saw it leave", async () => {
    const { join, clock, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    a.client.isCut = true;
    const before = clock.elapsed();
    const again = await join("a");
    expect(clock.elapsed()).toBe(before);
    expect(b.changes).toEqual(["a came"]);
    expect(b.nodes.present.get("a")?.boot_id).toBe(again.boot_id);
    await end();
  });

  it("a server whose name was taken over stands back and does not take it again", async () => {
    const { join, pass, end } = world();
    const first = await join("a");
    const again = await join("a");
    await pass(10_000);
    expect(first.nodes.isSure).toBe(false);
    expect(again.nodes.isSure).toBe(true);
    await first.close();
    expect([...again.nodes.present.values()].map(({ boot_id }) => boot_id)).toEqual([
      again.boot_id,
    ]);
    await end();
  });

  it("the name of a server that died with its folder is free once its lease has ended", async () => {
    const { join, end } = world();
    const [a, b] = [await join("a"), await join("b")];
    a.client.isCut = true;
    const other = await join("a", "another folder");
    expect(other.nodes.isSure).toBe(true);
    expect(b.changes).toEqual(["a left", "a came"]);
    await end();
  });
});

describe("what the nodes share", () => {
  it.each([
    [
      '{"schema":2,"cluster_id":"c","epoch":"e"}',
      "another version of Instep (schema 2, this one knows 1)",
    ],
    ["nonsense", "the key /t/meta of the store is damaged"],
  ])("a store whose meta is %s is refused, and nothing of it is kept", async (meta, why) => {
    const { join, etcd, clock } = world();
    etcd.change(() => [etcd.put("/t/meta", Buffer.from(meta), null)]);
    await expect(join("a")).rejects.toThrow(why);
    expect([...etcd.keys.keys()]).toEqual(["/t/meta"]);
    expect(clock.waitingFor(2_000)).toBe(0);
  });

  it("a closed node leaves no timer, no lease and no key but the moment it left", async () => {
    const { join, etcd, clock } = world();
    const a = await join("a");
    await a.close();
    expect([...etcd.keys.keys()].sort()).toEqual(["/t/away/a", "/t/meta", "/t/secret"]);
    expect(etcd.leases).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it("keys of nodes that nobody can read are left alone", async () => {
    const { join, etcd, end } = world();
    const a = await join("a");
    for (const value of ["", "{}", "null"])
      etcd.change(() => [etcd.put("/t/node/x", Buffer.from(value), null)]);
    expect([...a.nodes.present.keys()]).toEqual(["a"]);
    await end();
  });
});
