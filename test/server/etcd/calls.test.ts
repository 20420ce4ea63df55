import { describe, expect } from "vitest";
import type { KeyEvent } from "../../../server/etcd/etcd.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";

describe.skipIf(!hasEtcd)("etcd's calls", () => {
  etcdTest(
    "a key is made, changed on its revision, read and deleted",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}deploy`;
      expect(await client.get(key)).toBeNull();
      const made = await client.transact({
        compare: [{ key, target: "create", is: "equal", than: 0 }],
        writes: [{ put: key, value: Buffer.from("first") }],
      });
      expect(made).toEqual({ succeeded: true, revision: expect.any(Number), found: [] });
      const kv = await client.get(key);
      expect(kv).toEqual({
        key,
        value: Buffer.from("first"),
        mod: made.revision,
        create: made.revision,
        lease: null,
      });
    },
  );

  etcdTest(
    "a watch tells what happens from its revision on",
    async ({ openClient, sharedEtcd }) => {
      const client = openClient();
      const key = `${sharedEtcd.prefix}deploy`;
      const put = (text: string) =>
        client.transact({ compare: [], writes: [{ put: key, value: Buffer.from(text) }] });
      const first = await put("1");
      await put("2");
      const seen: KeyEvent[] = [];
      client.watch(sharedEtcd.prefix, first.revision, {
        events: (events) => void seen.push(...events),
        lost: (why) => expect.unreachable(why),
      });
      await expect.poll(() => seen.length).toBe(2);
      await client.transact({ compare: [], writes: [{ delete: key }] });
      await expect.poll(() => seen.map(({ kind }) => kind)).toEqual(["put", "put", "delete"]);
    },
  );
});
