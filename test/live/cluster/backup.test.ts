/** A cluster that is put back from a snapshot of etcd: what was saved later is lost, and no tab takes the older state for the newer one. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { WebSocket } from "ws";
import { createClient, type View, type WebSocketConstructor } from "../../../client/index.js";
import { createInstep, type Instep } from "../../../server/server.js";
import { until } from "../../support/deadline.js";
import { EtcdMember } from "../../support/etcd/etcdMember.js";
import { etcdTest } from "../../support/etcd/etcdTest.js";
import { hasEtcd } from "../../support/etcd/hasEtcd.js";
import { freePort } from "../../support/links/freePort.js";
import { RawTab } from "../../support/links/rawTab.js";
import { call } from "../../support/links/rest.js";
import { commandLine } from "../../support/servers/commandLine.js";

const etcdctl = (...args: string[]) =>
  promisify(execFile)("etcdctl", args, { env: { PATH: process.env.PATH, ETCDCTL_API: "3" } });
const canTry = hasEtcd && spawnSync("etcdctl", ["version"]).status === 0;

/** Whatever a test leaves open is closed behind it, the last first. */
const test = etcdTest.extend<{ folder: string; later: (undo: () => unknown) => void }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "instep-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  later: async ({ folder: _ }, use) => {
    const undos: (() => unknown)[] = [];
    await use((undo) => void undos.push(undo));
    for (const undo of undos.reverse()) await undo();
  },
});

describe.skipIf(!canTry)("a backup of a cluster", () => {
  test("a tab that has seen more than the backup gets a snapshot of another epoch, and goes on", async ({
    startEtcd,
    folder,
    later,
  }) => {
    const etcd = await startEtcd();
    const [endpoint] = etcd.endpoints;
    const place = `etcd://${endpoint!.replace("http://", "")}/backed-up`;
    const port = await freePort();
    const serve = async (): Promise<Instep> => {
      const cluster = { store: place, node: "a", url: `http://127.0.0.1:${port}` };
      const instep = await createInstep({ dataDir: join(folder, "data"), cluster });
      later(() => instep.close());
      await instep.listen({ port });
      return instep;
    };
    const first = await serve();
    const url = `http://127.0.0.1:${port}`;
    const save = (message: string) =>
      call(`${url}/workflow/state`, "POST", {
        body: { workflow_id: "w", steps: [{ action: "one", status: "in_progress", message }] },
      });
    const { epoch } = (await save("before the backup")).body;

    const snapshot = join(folder, "snapshot.db");
    await etcdctl("--endpoints", endpoint!, "snapshot", "save", snapshot);
    await save("after it");
    const newest = (await save("long after it")).body;
    expect(newest).toMatchObject({ epoch, revision: 3 });
    const client = createClient({ url, WebSocket: WebSocket as unknown as WebSocketConstructor });
    later(() => client.close());
    let view: View | null = null;
    client.watch("w", (next) => {
      view = next;
    });
    const shown = () => view?.state?.steps[0]?.message;
    await until(() => shown() === "long after it", "the tab shows the newest");

    await first.close();
    await etcd.kill(0);
    const member = await restored(snapshot, join(folder, "restored"), endpoint!);
    later(() => member.kill());
    const said = await commandLine(["migrate", "--renew", place]);
    expect(said).toMatchObject({ code: 0 });
    expect(said.stdout).toContain("began a new epoch");
    await serve();

    await until(() => shown() === "before the backup", "the tab shows what the backup has");
    expect(view!.state).toMatchObject({
      status: "interrupted",
      interruption: { reason: "restored" },
      recovered_from_backup: { saved_at: expect.any(String) },
    });
    const at = `ws://127.0.0.1:${port}/workflow/live`;
    const { tab } = await RawTab.open(at, { passOver: "stale" });
    later(() => tab.drop());
    tab.subscribe("w", { epoch, revision: 3 });
    const frame = await tab.take("snapshot");
    expect(frame).toMatchObject({ workflow_id: "w", revision: 1 });
    expect(frame.epoch).not.toBe(epoch);
    // It follows from there on.
    await save("and on");
    expect(await tab.take("changed")).toMatchObject({ epoch: frame.epoch, revision: 2 });
    await until(() => shown() === "and on", "the tab follows");
  });
});

/** A new member, with the data of the snapshot, where the old one was. */
async function restored(snapshot: string, folder: string, clientUrl: string): Promise<EtcdMember> {
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const initialCluster = `m0=${peerUrl}`;
  await etcdctl(
    ...["snapshot", "restore", snapshot, "--data-dir", join(folder, "m0"), "--name", "m0"],
    ...["--initial-cluster", initialCluster, "--initial-advertise-peer-urls", peerUrl],
    ...["--initial-cluster-token", folder],
  );
  const metricsUrl = `http://127.0.0.1:${await freePort()}`;
  const place = { name: "m0", initialCluster, folder, clientUrl, peerUrl, metricsUrl, flags: [] };
  const member = new EtcdMember(place);
  member.start();
  await member.healthy();
  return member;
}
