/** How often the kernel ended a process of ours for lack of memory, as it counts in our control group. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Since the group was made; null where the machine does not tell. `root` is that of the file system. */
export function memoryKills(root = "/"): number | null {
  const groups = readOrNull(join(root, "proc/self/cgroup"));
  if (groups === null) return null;
  for (const line of groups.split("\n")) {
    const [, id, controllers, group] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const isFirstVersion = controllers?.split(",").includes("memory");
    if (!isFirstVersion && id !== "0") continue;
    const [folder, file] = isFirstVersion
      ? ["sys/fs/cgroup/memory", "memory.oom_control"]
      : ["sys/fs/cgroup", "memory.events"];
    // In a container its own group is where its root is mounted, whatever it is called outside.
    for (const place of [group, "/"]) {
      const text = readOrNull(join(root, folder, place, file));
      const count = text === null ? null : /^oom_kill (\d+)$/m.exec(text);
      if (count) return Number(count[1]);
    }
  }
  return null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
