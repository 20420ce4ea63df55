import { describe, expect } from "vitest";
import { type EtcdClient, EtcdUnreachable } from "../../../server/etcd/etcd.js";
import { until } from "../../support/deadline.js";
import { compact } from "../../support/etcd/askedEtcd.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { seeWatch } from "../../support/etcd/seenWatch.js";
import { put, putAt } from "../../support/etcd/writes.js";
import { TcpProxy } from "../../support/links/tcpProxy.js";

/** Counts up under a key, and looks again where it is unknown what became of a write. Adds one for each that is surely there. */
async function countUp(client: EtcdClient, key: string, written: string[], until: () => boolean) {
  let [mod, count] = [0, 1];
  while (!until()) {
    try {
      const { succeeded, revision } = await putAt(client, key, mod, String(count));
      if (!succeeded) throw new EtcdUnreachable("somebody, or we ourselves, were before");
      mod = revision;
    } catch (error) {
      if (!(error instanceof EtcdUnreachable)) throw error;
      const found = await client.get(key).catch(() => null);
      if (found === null || Number(found.value) !== count) continue;
      mod = found.mod;
    }
    written.push(String(count));
    count += 1;
  }
}

describe.skipIf(!hasEtcd)("three real members", () => {
  etcdTest(
    "the leader and then another member is killed: every change is there once and in order, and is seen so",
    async ({ startEtcd, openClient }) => {
      const cluster = await startEtcd({ members: 3 });
      const client = openClient({ endpoints: cluster.endpoints });
      const seen = seeWatch(client, "/k/", 1);
      const written: string[] = [];
      let isOver = false;
      const writer = countUp(client, "/k/count", written, () => isOver);
      const more = async () => {
        const before = written.length;
        await until(() => written.length > before + 20, "writes go on");
      };
      await more();
      for (let kills = 0; kills < 2; kills += 1) {
        const victim = kills === 0 ? await cluster.leader() : 0;
        await cluster.kill(victim);
        await more();
        await cluster.restart(victim);
      }
      isOver = true;
      await writer;
      const wanted = written.map((count) => `count=${count}`);
      await expect.poll(() => seen.shown.length).toBe(wanted.length);
      expect(seen.shown).toEqual(wanted);
      expect(seen.lost).toEqual([]);
    },
  );

  etcdTest(
    "a member that is frozen costs a call its two seconds once, and a silent watch goes on where it is begun anew",
    async ({ startEtcd, openClient }) => {
      const cluster = await startEtcd({ members: 3 });
      const client = openClient({ endpoints: cluster.endpoints });
      const seen = seeWatch(client, "/k/", 1);
      await expect.poll(() => seen.opened).toBe(1);
      await put(client, "/k/a", "1");
      await expect.poll(() => seen.shown).toEqual(["a=1"]);
      cluster.stop(0);
      // Nobody knows whether this one comes once the member goes on, or never.
      const doubtful = put(client, "/k/doubtful", "1");
      await expect(doubtful).rejects.toMatchObject({ name: "EtcdUnreachable" });
      await until(() => put(client, "/k/b", "2").catch(() => null), "another member takes writes");
      seen.watch.restart();
      await expect.poll(() => seen.shown).toContain("b=2");
      cluster.cont(0);
      const last = await until(() => put(client, "/k/c", "3").catch(() => null), "writes go on");
      await expect.poll(() => seen.shown).toContain("c=3");
      const { keys, revision } = await client.list("/k/");
      const known = keys.filter(({ key }) => key !== "/k/doubtful");
      expect(known.map(({ key, value }) => `${key}=${value}`)).toEqual([
        "/k/a=1",
        "/k/b=2",
        "/k/c=3",
      ]);
      expect(revision).toBeGreaterThanOrEqual(last);
    },
  );

  etcdTest(
    "calls end by their deadline while there is no majority, and go on with it",
    async ({ startEtcd, openClient }) => {
      const cluster = await startEtcd({ members: 3 });
      const client = openClient({ endpoints: cluster.endpoints });
      await put(client, "/k/a", "1");
      await Promise.all([cluster.kill(0), cluster.kill(1)]);
      await expect(client.get("/k/a")).rejects.toMatchObject({ name: "EtcdUnreachable" });
      await expect(put(client, "/k/a", "2")).rejects.toMatchObject({ name: "EtcdUnreachable" });
      await cluster.restart(0);
      expect(
        (await until(() => client.get("/k/a").catch(() => null), "reads go on")).value.toString(),
      ).toMatch(/^[12]$/);
    },
  );
});

describe.skipIf(!hasEtcd)("a watch of real etcd", () => {
  etcdTest(
    "puts and deletions below the prefix come in their order, those of one transaction together",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = (name: string) => `${sharedEtcd.prefix}${name}`;
      const from = await put(client, key("a"), "1");
      await client.transact({
        compare: [],
        writes: [{ put: key("b"), value: Buffer.from("2") }, { delete: key("a") }],
      });
      const seen = seeWatch(client, sharedEtcd.prefix, from);
      await put(client, `/elsewhere${sharedEtcd.prefix}`, "x");
      const last = await put(client, key("c"), "3");
      await expect.poll(() => seen.revisions.at(-1)).toBe(last);
      expect([...seen.shown].sort()).toEqual(["-a", "a=1", "b=2", "c=3"]);
      expect(seen.shown[0]).toBe("a=1");
      expect(seen.revisions.every((revision) => [from, from + 1, last].includes(revision))).toBe(
        true,
      );
      seen.watch.close();
      await put(client, key("d"), "4");
      expect(seen.shown).not.toContain("d=4");
    },
  );

  etcdTest(
    "the end of a lease is seen as the deletion of its keys",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const lease = await client.grantLease(1);
      const from = await put(client, `${sharedEtcd.prefix}node`, "here", lease);
      const seen = seeWatch(client, sharedEtcd.prefix, from);
      await expect.poll(() => seen.shown).toEqual(["node=here", "-node"]);
      expect(seen.events[0]).toMatchObject({ kv: { lease } });
      expect(await client.keepAlive(lease)).toBe(0);
    },
  );

  etcdTest(
    "a connection that breaks again and again loses nothing and doubles nothing",
    async ({ openClient, sharedEtcd }) => {
      const proxy = await TcpProxy.start();
      proxy.leadTo(Number(new URL(sharedEtcd.endpoints[0]!).port));
      const writer = openClient();
      const reader = openClient({ endpoints: [`http://127.0.0.1:${proxy.port}`] });
      const first = await put(writer, `${sharedEtcd.prefix}n`, "0");
      const seen = seeWatch(reader, sharedEtcd.prefix, first);
      for (let n = 1; n <= 60; n += 1) {
        await put(writer, `${sharedEtcd.prefix}n`, String(n));
        if (n % 20 === 10) proxy.cut();
      }
      const wanted = Array.from({ length: 61 }, (_, n) => `n=${n}`);
      await expect.poll(() => seen.shown).toEqual(wanted);
      await reader.close();
      await proxy.close();
    },
  );

  etcdTest(
    "a revision that is compacted is lost, at once and also behind a cut",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}a`;
      const first = await put(client, key, "1");
      const proxy = await TcpProxy.start();
      proxy.leadTo(Number(new URL(sharedEtcd.endpoints[0]!).port));
      const reader = openClient({ endpoints: [`http://127.0.0.1:${proxy.port}`] });
      const cut = seeWatch(reader, sharedEtcd.prefix, first);
      await expect.poll(() => cut.shown).toEqual(["a=1"]);
      proxy.refuse();
      await put(client, key, "2");
      await compact(sharedEtcd.endpoints[0]!, await put(client, key, "3"));
      const seen = seeWatch(client, sharedEtcd.prefix, first);
      await expect.poll(() => seen.lost).toEqual([expect.stringMatching(/^compacted up to \d+$/)]);
      proxy.pass();
      await expect.poll(() => cut.lost).toHaveLength(1);
      expect([seen.shown, cut.shown]).toEqual([[], ["a=1"]]);
      await reader.close();
      await proxy.close();
    },
  );

  etcdTest(
    "a transaction of 1.4 MB in a hundred keys is told whole, also from long ago",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const names = Array.from({ length: 100 }, (_, n) => `${sharedEtcd.prefix}${n}`);
      const writes = names.map((key) => ({ put: key, value: Buffer.alloc(14_000, "x") }));
      const revisions: number[] = [];
      for (let n = 0; n < 4; n += 1)
        revisions.push((await client.transact({ compare: [], writes })).revision);
      const seen = seeWatch(client, sharedEtcd.prefix, revisions[0]!);
      await expect.poll(() => seen.events.length).toBe(400);
      const mods = seen.events.map((event) => (event.kind === "put" ? event.kv.mod : 0));
      expect(mods).toEqual(revisions.flatMap((revision) => names.map(() => revision)));
      expect(seen.revisions.every((revision) => revisions.includes(revision))).toBe(true);
    },
  );

  etcdTest(
    "a watch that is closed leaves no watcher behind in etcd",
    async ({ startEtcd, openClient }) => {
      const cluster = await startEtcd();
      const client = openClient({ endpoints: cluster.endpoints });
      const watchers = () => cluster.members[0]!.metric("etcd_debugging_mvcc_watcher_total");
      const seen = [seeWatch(client, "/a/", 1), seeWatch(client, "/b/", 1)];
      await expect.poll(watchers).toBe(2);
      seen[0]!.watch.restart();
      await expect.poll(() => seen[0]!.opened).toBe(2);
      await expect.poll(watchers).toBe(2);
      seen[0]!.watch.close();
      await expect.poll(watchers).toBe(1);
      await client.close();
      await expect.poll(watchers).toBe(0);
    },
  );
});
