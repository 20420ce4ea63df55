/** Containers as the kernel makes them, for tests that are root: namespaces of their own, and folders mounted. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const UNSHARE = ["unshare", "-u", "-p", "-n", "-m", "-i", "--fork", "--kill-child", "--mount-proc"];

/** False where this machine does not let us; says so on the terminal, so that nobody takes a skipped test for a passed one. */
export const hasContainers = ((): boolean => {
  const [command, ...args] = [...UNSHARE, "true"];
  const isThere = process.getuid?.() === 0 && spawnSync(command!, args).status === 0;
  if (!isThere)
    process.stderr.write("skipped: what needs containers, as this is not root or cannot unshare\n");
  return isThere;
})();

/** Runs what follows in a container of that host name, after `first` (a shell command) was run in it. */
export const inContainer = (hostname: string, first = "true"): readonly string[] => [
  ...UNSHARE,
  "sh",
  "-c",
  `hostname ${hostname} && ${first} && exec "$@"`,
  "sh",
];

/** The process that runs in the container, as the machine numbers it. */
export function insideOf(unsharePid: number): number {
  const children = readFileSync(`/proc/${unsharePid}/task/${unsharePid}/children`, "utf8");
  return Number(children.trim().split(" ")[0]);
}

export function mount(...args: string[]): void {
  execFileSync("mount", args);
}

/** Also where it is in use; then it goes when it no longer is. */
export function unmount(path: string): void {
  spawnSync("umount", ["-l", path]);
}
