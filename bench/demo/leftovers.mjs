/** Ends the commands that a killed server of the demo has left at work: they would go on for the next server, and there is none. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** Each process in whose environment or words the demo's own folder stands. */
export function endLeftovers(folder) {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !isOf(pid, folder)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

function isOf(pid, folder) {
  try {
    return ["environ", "cmdline"].some((file) =>
      readFileSync(`/proc/${pid}/${file}`, "utf8").includes(folder),
    );
  } catch {
    return false;
  }
}
