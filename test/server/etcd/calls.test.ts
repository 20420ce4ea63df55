import { describe, expect } from "vitest";
import { EtcdRefused } from "../../../server/etcd/etcd.js";
import { askEtcd, compact, takeBackAlarms } from "../../support/etcd/askedEtcd.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { put, putAt } from "../../support/etcd/writes.js";

describe.skipIf(!hasEtcd)("the calls of etcd", () => {
  etcdTest(
    "a key is read as it was written, with its revisions",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}Überweisung ✓`;
      expect(await client.get(key)).toBeNull();
      const value = Buffer.from([0, 255, 10, 13]);
      const create = await put(client, key, value);
      expect(await client.get(key)).toEqual({ key, value, mod: create, create, lease: null });
      const mod = await put(client, key, "");
      expect(await client.get(key)).toEqual({
        key,
        value: Buffer.alloc(0),
        mod,
        create,
        lease: null,
      });
    },
  );

  etcdTest(
    "a write with a revision that is no longer the newest is refused, and says what there is",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}deploy`;
      const first = await putAt(client, key, 0, "first");
      expect(first).toMatchObject({ succeeded: true, found: [] });
      expect(await putAt(client, key, 0, "second")).toEqual({
        succeeded: false,
        revision: expect.any(Number),
        found: [
          {
            key,
            value: Buffer.from("first"),
            mod: first.revision,
            create: first.revision,
            lease: null,
          },
        ],
      });
      expect(await putAt(client, key, first.revision, "second")).toMatchObject({ succeeded: true });
      expect(await putAt(client, `${key}/no`, 7, "third")).toMatchObject({
        succeeded: false,
        found: [null],
      });
    },
  );

  etcdTest(
    "several keys change together or not at all, on less and greater too",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const [a, b] = [`${sharedEtcd.prefix}a`, `${sharedEtcd.prefix}b`];
      const made = await put(client, a, "1");
      const both = (than: number) =>
        client.transact({
          compare: [
            { key: a, target: "mod", is: "less", than },
            { key: a, target: "create", is: "greater", than: 0 },
          ],
          writes: [{ delete: a }, { put: b, value: Buffer.from("2") }],
        });
      expect((await both(made)).succeeded).toBe(false);
      expect(await client.get(b)).toBeNull();
      const done = await both(made + 1);
      expect(done.succeeded).toBe(true);
      expect(await client.get(a)).toBeNull();
      expect((await client.get(b))?.mod).toBe(done.revision);
    },
  );

  etcdTest(
    "one of many that race for a key wins, and the counter loses nothing",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}counter`;
      await put(client, key, "0");
      const add = async () => {
        for (;;) {
          const kv = (await client.get(key))!;
          const next = String(Number(kv.value) + 1);
          if ((await putAt(client, key, kv.mod, next)).succeeded) return;
        }
      };
      await Promise.all(Array.from({ length: 12 }, add));
      expect((await client.get(key))?.value.toString()).toBe("12");
    },
  );

  etcdTest(
    "a list has everything below its prefix and nothing else, as of one revision, over many pages",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const { prefix } = sharedEtcd;
      const names = Array.from(
        { length: 150 },
        (_, n) => `${prefix}doc/${String(n).padStart(3, "0")}`,
      );
      await put(client, `${prefix}doc`, "before");
      await put(client, `${prefix}doc0`, "behind");
      for (let from = 0; from < names.length; from += 50) {
        const writes = names
          .slice(from, from + 50)
          .map((key) => ({ put: key, value: Buffer.alloc(20_000) }));
        await client.transact({ compare: [], writes });
      }
      const listing = client.list(`${prefix}doc/`);
      await Promise.all([listing, put(client, names.at(-1)!, "newer")]);
      const { keys, revision } = await listing;
      expect(keys.map(({ key }) => key)).toEqual(names);
      expect(keys.every(({ mod }) => mod <= revision)).toBe(true);
      expect(await client.list(`${prefix}none/`)).toEqual({
        keys: [],
        revision: expect.any(Number),
      });
    },
  );

  etcdTest(
    "large documents are listed, more of them than one answer should have",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const names = Array.from({ length: 40 }, (_, n) => `${sharedEtcd.prefix}${n}`);
      for (const name of names) await put(client, name, Buffer.alloc(400_000, name));
      const { keys } = await client.list(sharedEtcd.prefix);
      expect(keys.map(({ key }) => key)).toEqual([...names].sort());
      expect(keys.every(({ key, value }) => value.equals(Buffer.alloc(400_000, key)))).toBe(true);
    },
  );

  etcdTest(
    "a lease keeps its keys until it is revoked, and then it is no error to revoke it",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}node`;
      const lease = await client.grantLease(60);
      await put(client, key, "here", lease);
      expect((await client.get(key))?.lease).toBe(lease);
      expect(await client.keepAlive(lease)).toBe(60);
      await client.revokeLease(lease);
      expect(await client.get(key)).toBeNull();
      expect(await client.keepAlive(lease)).toBe(0);
      await client.revokeLease(lease);
      const refused = put(client, key, "here", lease);
      await expect(refused).rejects.toMatchObject({ name: "EtcdRefused", why: "no_lease" });
    },
  );

  etcdTest(
    "a transaction that is larger than etcd takes is refused, and what is as large as it takes is not",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}big`;
      await put(client, key, Buffer.alloc(1_400_000));
      for (const size of [1_600_000, 5_000_000]) {
        const refused = put(client, key, Buffer.alloc(size));
        await expect(refused).rejects.toMatchObject({ name: "EtcdRefused", why: "too_large" });
      }
      const writes = Array.from({ length: 129 }, (_, n) => ({
        put: `${key}${n}`,
        value: Buffer.alloc(1),
      }));
      const many = client.transact({ compare: [], writes });
      await expect(many).rejects.toMatchObject({ why: "too_large" });
      expect((await client.get(key))?.value.length).toBe(1_400_000);
    },
  );

  etcdTest(
    "a transaction that makes no sense is refused with etcd's words",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}twice`;
      const writes = [1, 2].map(() => ({ put: key, value: Buffer.alloc(1) }));
      const refused = client.transact({ compare: [], writes });
      await expect(refused).rejects.toThrow(
        new EtcdRefused("other", "etcdserver: duplicate key given in txn request"),
      );
    },
  );

  etcdTest(
    "the status says the version and the size, and a list goes on after a compaction",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const revision = await put(client, `${sharedEtcd.prefix}a`, "1");
      expect(await client.status()).toEqual({
        version: expect.stringMatching(/^3\.\d+\.\d+/),
        dbSize: expect.any(Number),
        dbSizeInUse: expect.any(Number),
        alarms: [],
      });
      await compact(sharedEtcd.endpoints[0]!, revision);
      expect((await client.list(sharedEtcd.prefix)).keys).toHaveLength(1);
    },
  );

  etcdTest(
    "an etcd that is full refuses writes, says so in its status, still deletes, and takes writes again once there is room",
    async ({ startEtcd, openClient }) => {
      const { endpoints } = await startEtcd({ quotaBytes: 8 * 1024 * 1024 });
      const client = openClient({ endpoints });
      const fill = async () => {
        for (let n = 0; ; n += 1) await put(client, `/fill/${n % 4}`, Buffer.alloc(1_000_000));
      };
      await expect(fill()).rejects.toMatchObject({ name: "EtcdRefused", why: "full" });
      await expect(put(client, "/small", "1")).rejects.toMatchObject({ why: "full" });
      expect((await client.status()).alarms).toEqual(["NOSPACE"]);
      expect((await client.get("/fill/0"))?.value.length).toBe(1_000_000);
      const writes = [0, 1, 2, 3].map((n) => ({ delete: `/fill/${n}` }));
      const { revision } = await client.transact({ compare: [], writes });
      await compact(endpoints[0]!, revision);
      await askEtcd(endpoints[0]!, "maintenance/defragment");
      await takeBackAlarms(endpoints[0]!);
      await put(client, "/small", "1");
      expect((await client.status()).alarms).toEqual([]);
    },
  );
});
