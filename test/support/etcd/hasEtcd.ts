/** Whether this machine has etcd: the tests with a real one are left out where it has none. */
import { spawnSync } from "node:child_process";

/** Says so on the terminal where it is missing, so that nobody takes a skipped test for a passed one. */
export const hasEtcd = ((): boolean => {
  const isThere = spawnSync("etcd", ["--version"]).status === 0;
  if (!isThere)
    process.stderr.write(
      "skipped: what needs etcd, as there is none on PATH (Debian: apt-get install etcd-server)\n",
    );
  return isThere;
})();
