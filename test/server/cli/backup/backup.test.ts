/** What `instep backup` and `instep restore` refuse, in words, before anything is done. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { measure } from "../../../../server/cli/backup/mirror.js";
import { Disk } from "../../../../server/machine/disk.js";
import { FileStore } from "../../../../server/state/store/fileStore.js";
import { encodeMark, refuseHalf } from "../../../../server/state/store/moveMark.js";
import { folderTest } from "../../../support/disks/temporaryFolder.js";
import { fillFolder } from "../../../support/etcd/movedFolder.js";
import { commandLine } from "../../../support/servers/commandLine.js";

const test = folderTest.extend<{ tell: (...args: string[]) => ReturnType<typeof commandLine> }>({
  tell: async ({ folder }, use) => {
    await fillFolder(join(folder, "data"));
    await use((...args) => commandLine([...args, "--data-dir", "data"], { cwd: folder }));
  },
});

describe("instep backup", () => {
  test("a backup is refused where it could not be one, and nothing is left of it", async ({
    folder,
    tell,
  }) => {
    await mkdir(join(folder, "there"));
    const names = await readdir(folder);
    const refused = async (words: RegExp, ...args: string[]) => {
      const { code, stderr } = await tell("backup", ...args);
      expect([code > 0, stderr]).toEqual([true, expect.stringMatching(words)]);
    };
    await refused(/there is there already/, "there");
    await refused(/inside the data folder/, "data/backup");
    await writeFile(join(folder, "data", "instep.cluster"), "{}");
    await refused(/node of a cluster.*etcdctl snapshot save/, "b");
    await rm(join(folder, "data", "instep.cluster"));
    const mark = { id: "m", part: "restore", isCopied: false, other: "b" } as const;
    await writeFile(join(folder, "data", "instep.move"), encodeMark(mark));
    await refused(/under way, or was cut short/, "b");
    await rm(join(folder, "data"), { recursive: true });
    await refused(/no store is in it/, "b");
    expect((await readdir(folder)).sort()).toEqual(names.filter((name) => name !== "data").sort());
  });

  test("a restore is refused where the backup is not whole or the folder holds anything", async ({
    folder,
    tell,
  }) => {
    const restore = async (from: string, to: string) => {
      const args = ["restore", from, "--data-dir", to];
      const { code, stderr } = await commandLine(args, { cwd: folder });
      return [code, stderr];
    };
    expect((await tell("backup", "b")).code).toBe(0);
    expect(await restore("b", "data")).toEqual([1, expect.stringMatching(/is not empty/)]);
    expect(await restore("data", "new")).toEqual([1, expect.stringMatching(/no whole backup/)]);
    const [lost] = await readdir(join(folder, "b", "data", "history"));
    await rm(join(folder, "b", "data", "history", lost!));
    expect(await restore("b", "new")).toEqual([1, expect.stringMatching(/is not whole/)]);
    await rm(join(folder, "b", "instep.backup.json"));
    expect(await restore("b", "new")).toEqual([1, expect.stringMatching(/no whole backup/)]);
    expect(await readdir(folder)).not.toContain("new");
  });

  test("a restore is refused where a backup has what none has, though all of it is counted", async ({
    folder,
    tell,
  }) => {
    const data = join(folder, "b", "data");
    const manifest = join(folder, "b", "instep.backup.json");
    expect((await tell("backup", "b")).code).toBe(0);
    const whole = JSON.parse(await readFile(manifest, "utf8"));
    const restored = async (files: number, bytes: number) => {
      const counted = { ...whole, files: whole.files + files, bytes: whole.bytes + bytes };
      await writeFile(manifest, JSON.stringify(counted));
      const args = ["restore", "b", "--data-dir", "new"];
      const { code, stderr } = await commandLine(args, { cwd: folder });
      return [code, stderr];
    };
    await writeFile(join(data, "shares.json"), "{}");
    expect(await restored(1, 2)).toEqual([1, expect.stringMatching(/"shares.json" does not/)]);
    await rm(join(data, "shares.json"));
    await rm(join(data, "logs"), { recursive: true, force: true });
    await symlink("/", join(data, "logs"));
    const now = await measure(data);
    const given = await restored(now.files - whole.files, now.bytes - whole.bytes);
    expect(given).toEqual([1, expect.stringMatching(/"logs" does not belong/)]);
    expect(await readdir(folder)).not.toContain("new");
  });

  test("a restored folder has every workflow, those of the history as they were and those in view under new epochs", async ({
    folder,
    tell,
  }) => {
    expect((await tell("backup", "b")).code).toBe(0);
    const args = ["restore", "b", "--data-dir", "new"];
    expect((await commandLine(args, { cwd: folder })).code).toBe(0);
    const load = (name: string) => FileStore.load(new Disk(), join(folder, name), () => 0);
    const [before, after] = [await load("data"), await load("new")];
    expect(after.history).toEqual(before.history);
    expect([...after.open.keys()]).toEqual([...before.open.keys()]);
    const [was, is] = [before.open.get("deploy")!, after.open.get("deploy")!];
    expect(is).toMatchObject({ revision: 1, lease: null, output_epoch: was.epoch, run: was.run });
    expect(is.epoch).not.toBe(was.epoch);
    expect(is.fence).toBeGreaterThan(was.fence);
    expect(is.state).toMatchObject({ status: "interrupted", interruption: { reason: "restored" } });
    expect(after.open.get("gone")).toEqual(before.open.get("gone"));
    expect(await readdir(join(folder, "new", "runs"))).toEqual(
      await readdir(join(folder, "data", "runs")),
    );
  });

  test("no server begins on a folder whose restore was cut short", () => {
    const mark = { id: "m", part: "restore", isCopied: false, other: "b" } as const;
    expect(() => refuseHalf(encodeMark(mark), "data")).toThrow(
      /Empty data, and say instep restore/,
    );
  });
});
