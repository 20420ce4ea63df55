/** A data folder with workflows of every kind in it, and the etcd that they may be moved to. A vitest `test`. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtcdSide } from "../../../server/cli/migrate/etcdSide.js";
import { openFolderSide } from "../../../server/cli/migrate/folderSide.js";
import type { Side } from "../../../server/cli/migrate/side.js";
import { Disk } from "../../../server/machine/disk.js";
import { FileStore } from "../../../server/state/store/fileStore.js";
import type { WorkflowRecord } from "../../../server/state/store/record.js";
import { openMarker } from "../../../server/state/store/storeMarker.js";
import { readShelf } from "../../../server/webhooks/delivery.js";
import { SHELF_FOLDER, shelfPathOf, shelfText } from "../../../server/webhooks/fileOutbox.js";
import { systemClock } from "../../../shared/clock.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { recordOf, stateOf } from "../disks/records.js";
import { etcdTest } from "./etcdTest.js";

export const RUN = "0a8b6ad5-6f6c-4b1e-9d9e-000000000001";
export const RUN_DATA = {
  name: "deploy",
  source: null,
  folder: "/f",
  inputs: { key: "hush" },
  secret_answers: {},
};

/** At work, by the server's own runner. */
export const deploy = recordOf({
  revision: 7,
  order: 4,
  fence: 3,
  run: RUN,
  state: stateOf({ definition: "deploy" }),
  lease: { token: 3, driver: "Instep", boot_id: "b1" },
  receipts: [{ id: "r1", print: "p", epoch: "e1", revision: 7 }],
});
const PAST = [
  recordOf({ workflow_id: "backup", epoch: "e0", order: 2 }),
  recordOf({ workflow_id: "deploy", epoch: "e9", order: 1 }),
];
const trace: WorkflowRecord = {
  ...recordOf({ workflow_id: "gone", epoch: "e5", order: 3 }),
  state: null,
};

/** What webhooks were told of a workflow of the history, and what one is still to be told. */
export const SHELF = readShelf(
  JSON.stringify({
    ...{ format: 1, workflow_id: "backup", epoch: "e0", kept: 2 },
    deliveries: (["delivered", "waiting"] as const).map((status) => ({
      ...{ id: `e0_2_${status}`, webhook: status, own: null, host: null, status, waited: 0 },
      ...{ created_at: "2026-01-01T00:00:00.000Z", tries: 1, next_try: null, last: null },
      event: workflowEvent("ended", stateOf(), { epoch: "e0", revision: 2 }),
    })),
  }),
);

/** As a server leaves it. */
export async function fillFolder(dataDir: string): Promise<void> {
  const disk = new Disk();
  await disk.makeFolder(dataDir);
  await openMarker(disk, dataDir, 0);
  const store = await FileStore.load(disk, dataDir, () => 0);
  for (const record of PAST) {
    await store.commit(record, null);
    await store.archive(record);
  }
  for (const record of [deploy, trace]) await store.commit(record, null);
  await store.close();
  await mkdir(join(dataDir, "runs"), { mode: 0o700 });
  await mkdir(join(dataDir, SHELF_FOLDER), { mode: 0o700 });
  await writeFile(shelfPathOf(dataDir, SHELF.epoch), shelfText(SHELF));
  await writeFile(join(dataDir, "runs", `${RUN}.json`), JSON.stringify(RUN_DATA));
}

interface MoveFixtures {
  /** A folder of the test's own. */
  folder: string;
  /** `etcd://…`, with a prefix that nobody else uses. */
  place: string;
  openEtcdSide: () => EtcdSide;
}

export const moveTest = etcdTest.extend<MoveFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see what a fixture needs
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "instep-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  place: async ({ sharedEtcd }, use) => {
    const hosts = sharedEtcd.endpoints.map((one) => one.replace("http://", "")).join(",");
    await use(`etcd://${hosts}${sharedEtcd.prefix.slice(0, -1)}`);
  },
  openEtcdSide: async ({ openClient, sharedEtcd, place }, use) => {
    const { prefix } = sharedEtcd;
    const parts = { prefix, name: place, clock: systemClock, onWait: () => {} };
    await use(() => new EtcdSide({ ...parts, client: openClient() }));
  },
});

/** Made where it is not there. */
export const openFolder = (place: string): Promise<Side> =>
  openFolderSide({ place, cwd: "/", clock: systemClock, mayBeNew: true });
