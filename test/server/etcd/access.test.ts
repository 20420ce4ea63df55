import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { until } from "../../support/deadline.js";
import { askForUsers } from "../../support/etcd/askedEtcd.js";
import { makeCertificates, tlsFlags } from "../../support/etcd/certificates.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { seeWatch } from "../../support/etcd/seenWatch.js";
import { put } from "../../support/etcd/writes.js";

describe.skipIf(!hasEtcd)("access to etcd", () => {
  etcdTest(
    "a user with a password may do everything below the prefix, also with a member that has forgotten its token",
    async ({ startEtcd, openClient }) => {
      const cluster = await startEtcd();
      const { endpoints } = cluster;
      const auth = { user: "instep", password: "p ä$" };
      const client = openClient({ endpoints, auth });
      await put(client, "/instep/before", "1");
      await askForUsers(endpoints[0]!, { ...auth, prefix: "/instep/" });
      await put(client, "/instep/a", "1");
      const seen = seeWatch(client, "/instep/", 1);
      await expect.poll(() => seen.shown).toEqual(["before=1", "a=1"]);
      await cluster.restart(0);
      await until(() => put(client, "/instep/b", "2").catch(() => null), "the member is back");
      await expect.poll(() => seen.shown).toEqual(["before=1", "a=1", "b=2"]);
      expect((await client.list("/instep/")).keys).toHaveLength(3);
      const lease = await client.grantLease(60);
      expect(await client.keepAlive(lease)).toBe(60);
      await expect(put(client, "/other/a", "1")).rejects.toMatchObject({ why: "not_allowed" });
      const stranger = seeWatch(client, "/other/", 1);
      await expect
        .poll(() => stranger.lost)
        .toEqual([expect.stringContaining("permission denied")]);
    },
  );

  etcdTest(
    "a wrong password, and none, are refused and not tried for long",
    async ({ startEtcd, openClient }) => {
      const { endpoints } = await startEtcd();
      await askForUsers(endpoints[0]!, { user: "instep", password: "right", prefix: "/instep/" });
      for (const auth of [undefined, { user: "instep", password: "wrong" }]) {
        const client = openClient({ endpoints, auth });
        const refused = { name: "EtcdRefused", why: "not_allowed" };
        await expect(client.get("/instep/a")).rejects.toMatchObject(refused);
        await expect(put(client, "/instep/a", "1")).rejects.toMatchObject(refused);
        const seen = seeWatch(client, "/instep/", 1);
        await expect.poll(() => seen.lost).toHaveLength(1);
      }
    },
  );

  etcdTest(
    "both sides know each other by certificates, and strangers are refused",
    async ({ startEtcd, openClient, onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), "instep-tls-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const certificates = makeCertificates(folder);
      const { ca, client: own } = certificates;
      const { endpoints } = await startEtcd({ scheme: "https", flags: tlsFlags(certificates) });
      const client = openClient({ endpoints, tls: { ca, ...own } });
      const from = await put(client, "/k/a", "1");
      const seen = seeWatch(client, "/k/", from);
      await expect.poll(() => seen.shown).toEqual(["a=1"]);
      for (const tls of [{}, { ca }]) {
        const stranger = openClient({ endpoints, tls });
        const refused = { name: "EtcdRefused", why: "not_allowed" };
        await expect(stranger.get("/k/a")).rejects.toMatchObject(refused);
        // The alert may come behind what was sent, or not at all: then it is unknown to the client.
        await expect(put(stranger, "/k/a", "2")).rejects.toThrow();
      }
      expect((await client.get("/k/a"))?.mod).toBe(from);
    },
  );
});
