/** Whether this machine has Python: the tests of the Python client are left out where it has none. */
import { spawnSync } from "node:child_process";

/** Says so on the terminal where it is missing, so that nobody takes a skipped test for a passed one. */
export const hasPython = ((): boolean => {
  const isThere = spawnSync("python3", ["--version"]).status === 0;
  if (!isThere)
    process.stderr.write(
      "skipped: what needs Python, as there is no python3 on PATH (Debian: apt-get install python3)\n",
    );
  return isThere;
})();
