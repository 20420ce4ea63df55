/** `instep migrate` between real folders and a real etcd: everything arrives, and what is refused is refused in words. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { EtcdSide } from "../../../../server/cli/migrate/etcdSide.js";
import { lockDataDir } from "../../../../server/machine/lock/lockDataDir.js";
import { SHELVES, unpackShelf } from "../../../../server/webhooks/shared/shelfValue.js";
import type { Clock } from "../../../../shared/clock.js";
import { openEtcdStore } from "../../../support/etcd/etcdStores.js";
import { hasEtcd } from "../../../support/etcd/hasEtcd.js";
import {
  deploy,
  fillFolder,
  moveTest,
  openFolder,
  RUN,
  RUN_DATA,
  SHELF,
} from "../../../support/etcd/movedFolder.js";
import { commandLine } from "../../../support/servers/commandLine.js";

const migrate = (...args: string[]) => commandLine(["migrate", ...args]);

describe.skipIf(!hasEtcd)("instep migrate", () => {
  moveTest(
    "a folder's workflows move to etcd, and the folder is that of the node",
    async ({ folder, place, openClient, sharedEtcd }) => {
      const data = join(folder, "data");
      await fillFolder(data);

      const said = await migrate("--from", data, "--to", place, "--node", "a");

      expect(said.stderr).toBe("");
      expect(said.stdout).toContain(
        "read back: 1 workflow in view, 2 of the history, traces of 1 cleared, inputs and secrets of 1.",
      );
      expect(said.stdout).toContain(`--node a --data-dir ${data}`);
      expect(said.code).toBe(0);
      const client = openClient();
      const { store, close } = await openEtcdStore(client, sharedEtcd.prefix);
      const { state, ...record } = store.open.get("deploy")!;
      // What it says beyond before is news to a tab.
      expect(record).toMatchObject({
        ...{ epoch: "e1", revision: 8, order: 4, run: RUN, receipts: deploy.receipts, home: "a" },
        lease: { ...deploy.lease, node: "a" },
      });
      expect(state).toMatchObject({ node: "a", steps: [{ node: "a" }, { status: "pending" }] });
      expect(state!.steps[1]).not.toHaveProperty("node");
      expect(store.open.get("gone")?.state).toBeNull();
      expect([...store.history.keys()].sort()).toEqual(["e0", "e9"]);
      expect(store.lastOrder).toBe(4);
      await close();
      const run = await client.get(`${sharedEtcd.prefix}run/${RUN}`);
      expect(JSON.parse(run!.value.toString())).toEqual(RUN_DATA);
      const shelf = await client.get(`${sharedEtcd.prefix}${SHELVES}e0`);
      expect(unpackShelf(shelf!.value)).toEqual(SHELF);
      const left = await readdir(data);
      expect(left.filter((name) => !name.includes(".moved-")).sort()).toEqual(["instep.store"]);
    },
  );

  moveTest(
    "workflows move back to a folder, with all that they have",
    async ({ folder, place, openClient, sharedEtcd }) => {
      const [data, back] = [join(folder, "data"), join(folder, "back")];
      await fillFolder(data);
      await migrate("--from", data, "--to", place, "--node", "a");

      const said = await migrate("--from", place, "--to", back, "--json");

      expect(said).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(said.stdout)).toEqual({
        ...{ in_view: 1, history: 2, traces: 1, runs: 1 },
        ...{ from: place, to: back, kept: null },
      });
      const side = await openFolder(back);
      const { open, history, runs, shelves } = await side.read();
      await side.close();
      const record = open.find(({ workflow_id }) => workflow_id === "deploy")!;
      // A server alone knows no nodes: whose lease it was, its boot tells.
      expect(record).toMatchObject({ epoch: "e1", revision: 8, lease: deploy.lease });
      expect(record.lease).not.toHaveProperty("node");
      expect([open.length, history.length, runs.get(RUN)]).toEqual([2, 2, RUN_DATA]);
      expect([...shelves]).toEqual([["e0", SHELF]]);
      expect((await openClient().list(sharedEtcd.prefix)).keys).toEqual([]);
    },
  );

  moveTest(
    "a target that holds workflows is left alone, and it is said how many",
    async ({ folder, place }) => {
      const [one, other] = [join(folder, "one"), join(folder, "other")];
      for (const data of [one, other]) await fillFolder(data);
      await migrate("--from", one, "--to", place);
      expect(await migrate("--from", other, "--to", place)).toMatchObject({
        code: 1,
        stderr: `instep: ${place} holds workflows already: 1 in view, 2 in the history, traces of 1. Nothing was moved: clear them there first, or name another place.\n`,
      });
      expect((await migrate("--from", place, "--to", other)).stderr).toContain("holds workflows");
    },
  );

  moveTest("a folder that a server has is refused with 75", async ({ folder, place }) => {
    const data = join(folder, "data");
    await fillFolder(data);
    const lock = await lockDataDir(data);
    const { code, stderr } = await migrate("--from", data, "--to", place);
    await lock.release();
    expect([code, stderr]).toEqual([75, expect.stringContaining(`A server has ${data}.`)]);
  });

  moveTest(
    "a place without workflows, or without a store, is nothing to move",
    async ({ folder, place }) => {
      const none = await migrate("--from", folder, "--to", place);
      expect(none.stderr).toContain("no store is in it");
      const empty = await migrate("--from", place, "--to", join(folder, "new"));
      expect([empty.code, empty.stderr]).toEqual([
        1,
        expect.stringContaining("holds no workflows"),
      ]);
    },
  );

  moveTest(
    "nodes that stay are named, and nothing is moved",
    async ({ openClient, sharedEtcd, place }) => {
      const client = openClient();
      const value = Buffer.from("{}");
      const writes = [{ put: `${sharedEtcd.prefix}node/a`, value }];
      await client.transact({ compare: [], writes });
      const waited: string[] = [];
      const side = new EtcdSide({
        ...{ client, prefix: sharedEtcd.prefix, name: place, clock: hurried() },
        onWait: (nodes) => void waited.push(...nodes),
      });
      await expect(side.checkRest()).rejects.toThrow(`Servers are at work on ${place}: a.`);
      expect(waited).toContain("a");
    },
  );

  moveTest(
    "a node that leaves meanwhile is waited for",
    async ({ folder, openClient, sharedEtcd, place }) => {
      const data = join(folder, "data");
      await fillFolder(data);
      const client = openClient();
      const lease = await client.grantLease(1);
      const writes = [{ put: `${sharedEtcd.prefix}node/a`, value: Buffer.from("{}"), lease }];
      await client.transact({ compare: [], writes });
      const { code, stderr } = await migrate("--from", data, "--to", place);
      expect([code, stderr]).toEqual([0, `Waiting for a to leave ${place}.\n`]);
    },
  );

  moveTest(
    "what cannot be read is named, and nothing is moved",
    async ({ folder, openClient, sharedEtcd, place }) => {
      const key = `${sharedEtcd.prefix}doc/00/odd`;
      await openClient().transact({ compare: [], writes: [{ put: key, value: Buffer.from("?") }] });
      const { code, stderr } = await migrate("--from", place, "--to", join(folder, "data"));
      expect([code, stderr]).toEqual([1, expect.stringContaining(`cannot be read: ${key}`)]);
    },
  );

  moveTest("words that make no move are refused with 2", async ({ place }) => {
    const wrong = [
      ["--from", "a", "--to", "b"],
      ["--from", place, "--to", place],
      ["--from", "a"],
      [],
      ["--renew", place, "--from", "a"],
      ["--from", "a", "--to", "etcd://user:secret@h"],
      ["--from", "a", "--to", place, "--store-user", "u"],
    ];
    for (const args of wrong) expect((await migrate(...args)).code).toBe(2);
  });

  moveTest("an etcd that does not answer is told with 5", async ({ folder }) => {
    const data = join(folder, "data");
    await fillFolder(data);
    const { code, stderr } = await migrate("--from", data, "--to", "etcd://127.0.0.1:1");
    expect([code, stderr]).toEqual([5, expect.stringContaining("does not answer")]);
    expect(await readFile(join(data, "runs", `${RUN}.json`), "utf8")).toContain("hush");
  });
});

/** Each look at it is a second later. */
function hurried(): Clock {
  let now = 0;
  const next = () => {
    now += 1_000;
    return now;
  };
  return {
    elapsed: next,
    now: next,
    after: (_, run) => {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
}
