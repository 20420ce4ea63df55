import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { memoryKills } from "../../../../server/runner/process/memoryKills.js";
import { folderTest as test } from "../../../support/disks/temporaryFolder.js";

/** The counters of cgroup version 2 and of version 1, as files in a folder. */
const EVENTS = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n";
const CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n";

function write(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe("what the kernel ended for lack of memory", () => {
  test("kills for lack of memory are counted in our own group", ({ folder }) => {
    const root = write(folder, {
      "proc/self/cgroup": "0::/system.slice/instep.service\n",
      "sys/fs/cgroup/system.slice/instep.service/memory.events": EVENTS,
    });
    expect(memoryKills(root)).toBe(2);
  });

  test("kills for lack of memory are counted at the root where a container shows its group there", ({
    folder,
  }) => {
    const root = write(folder, {
      "proc/self/cgroup": "0::/outer/name\n",
      "sys/fs/cgroup/memory.events": EVENTS,
    });
    expect(memoryKills(root)).toBe(2);
  });

  test("kills for lack of memory are counted where the groups are those of the first version", ({
    folder,
  }) => {
    const root = write(folder, {
      "proc/self/cgroup": "5:devices:/\n4:memory:/docker/abc\n0::/\n",
      "sys/fs/cgroup/memory/docker/abc/memory.oom_control": CONTROL,
    });
    expect(memoryKills(root)).toBe(5);
  });

  test("kills for lack of memory are not known where nothing counts them", ({ folder }) => {
    expect(memoryKills(folder)).toBeNull();
    write(folder, { "proc/self/cgroup": "nonsense\n0::/\n" });
    expect(memoryKills(folder)).toBeNull();
  });
});
