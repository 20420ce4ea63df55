/** Files of the outbox that are not as they were written: named, set aside, and never written over; the others count. */
import { lstat, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { Disk } from "../../../server/machine/disk.js";
import { fileNameOf } from "../../../server/machine/fileName.js";
import { tellUnread, type Unread } from "../../../server/unread.js";
import { newDelivery } from "../../../server/webhooks/delivery.js";
import { FileOutbox } from "../../../server/webhooks/fileOutbox.js";
import { workflowEvent } from "../../../shared/state/workflowEvent.js";
import { manualClock } from "../../support/clocks/manualClock.js";
import { stateOf } from "../../support/disks/records.js";
import { folderTest as test } from "../../support/disks/temporaryFolder.js";

function outboxOf(dataDir: string) {
  const unread: Unread[] = [];
  const outbox = new FileOutbox({
    ...{ disk: new Disk(), dataDir, clock: manualClock() },
    onUnreadable: (error, file, movedTo) => unread.push({ error, file, movedTo }),
  });
  return { outbox, unread };
}

async function keep(dataDir: string, epoch: string): Promise<string> {
  const { outbox } = outboxOf(dataDir);
  const shelf = outbox.shelfOf("deploy", epoch);
  const event = workflowEvent("ended", stateOf({ status: "completed" }), { epoch, revision: 1 });
  const webhook = {
    ...{ name: "team", url: "https://example.org/", events: [], format: "json" as const },
    ...{ headers: {}, allowPrivate: false, folder: "/" },
  };
  const deliveries = [newDelivery({ id: "d", webhook, isOwn: false, event, now: 0 })];
  await outbox.change(shelf, () => ({ taken: 1, deliveries }));
  await outbox.close();
  return join(dataDir, "webhooks", `${fileNameOf(epoch)}.json`);
}

type Spoil = (file: string, whole: string) => Promise<void>;
const without =
  (name: string): Spoil =>
  (file, whole) =>
    writeFile(file, whole.replace(`"${name}":`, `"no_${name}":`));

/** Each makes `file` something that is no shelf of this version, and is said so. */
const UNUSABLE: Readonly<Record<string, readonly [RegExp, Spoil]>> = {
  "is cut short": [/no JSON/, (file, whole) => writeFile(file, whole.slice(0, -9))],
  "is empty": [/no JSON/, (file) => writeFile(file, "")],
  "is of another type": [/expected object/, (file) => writeFile(file, "[]")],
  "has 100 MB": [/larger than any of ours/, (file) => truncate(file, 1e8)],
  "has deliveries of another type": [/^Error: deliveries\.0\.id: /, without("id")],
  "has an event without words": [/^Error: deliveries\.0\.event\.step: /, without("step")],
  "is named as another epoch": [
    /not the name of its epoch/,
    (file, whole) => writeFile(file, whole.replace('"epoch": "bad"', '"epoch": "good"')),
  ],
};

test.for(Object.entries(UNUSABLE))(
  "a file that %s is set aside and said, and the others count",
  async ([, [why, spoil]], { folder }) => {
    const file = await keep(folder, "bad");
    await keep(folder, "good");
    await spoil(file, await readFile(file, "utf8"));
    const before = await lstat(file);
    const { outbox, unread } = outboxOf(folder);
    await outbox.load();
    expect([...outbox.shelves.keys()]).toEqual(["good"]);
    expect(unread).toMatchObject([{ file, movedTo: `${file}.damaged` }]);
    expect(String(unread[0]?.error)).toMatch(why);
    expect((await lstat(`${file}.damaged`)).ino).toBe(before.ino);
  },
);

test("a file of a later version is set aside whole, and what comes under its epoch is a file beside it", async ({
  folder,
}) => {
  const file = await keep(folder, "e");
  const text = (await readFile(file, "utf8")).replace('"format": 1', '"format": 2');
  await writeFile(file, text);
  await mkdir(join(folder, "webhooks", "folder.json"));
  const { outbox, unread } = outboxOf(folder);
  await outbox.load();
  expect(unread.map(({ movedTo }) => movedTo).sort()).toEqual([
    `${file}.later`,
    join(folder, "webhooks", "folder.json.damaged"),
  ]);
  await keep(folder, "e");
  expect(await readFile(`${file}.later`, "utf8")).toBe(text);
  expect((await readdir(join(folder, "webhooks"))).sort()).toEqual([
    ...[basename(file), `${basename(file)}.later`, "folder.json.damaged"],
  ]);
});

test("the log says of a file that was moved aside where it is now, and of any other that it was left", () => {
  const said: unknown[] = [];
  const log = { error: (about: object, text: string) => void said.push({ ...about, text }) };
  const error = new Error("no");
  const moved = { file: "a", movedTo: "a.damaged", error };
  tellUnread(log as never, { damaged: [] }, [moved, { folder: "b", error }]);
  expect(said).toMatchObject([
    { file: "a", movedTo: "a.damaged", text: "it cannot be read, and was moved aside" },
    { folder: "b", text: "it cannot be read, and was left where it is" },
  ]);
});
