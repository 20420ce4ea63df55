/** How much of the machine something else had: what it was busy with, less this process and the servers of the bench. */
import { readFileSync } from "node:fs";
import { alive } from "./launch.mjs";

/** Linux counts in hundredths of a second, for users. */
const TICK_MS = 10;
const [IDLE, IOWAIT] = [3, 4];
const [USER, SYSTEM] = [11, 12];

/** Returns how many cores others had on average from now until it is called; not a number where the system does not tell. */
export function othersSince() {
  const before = look();
  return () => {
    const now = look();
    const ms = now.at - before.at;
    let own = now.own - before.own;
    for (const [pid, ticks] of now.servers) own += ticks - (before.servers.get(pid) ?? ticks);
    return Math.max(0, ((now.busy - before.busy - own) * TICK_MS) / ms);
  };
}

function look() {
  const { user, system } = process.cpuUsage();
  return {
    at: performance.now(),
    busy: busyTicks(),
    own: (user + system) / 1000 / TICK_MS,
    servers: new Map([...alive].map((pid) => [pid, ticksOf(pid)])),
  };
}

function busyTicks() {
  const [first] = textOf("/proc/stat").split("\n", 1);
  const ticks = first.trim().split(/ +/).slice(1, 9).map(Number);
  if (ticks.length < 8) return Number.NaN;
  return ticks.reduce((sum, one, at) => (at === IDLE || at === IOWAIT ? sum : sum + one), 0);
}

/** The name of a process may hold anything, so what follows its last bracket is read. */
function ticksOf(pid) {
  const text = textOf(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[USER]) + Number(fields[SYSTEM]);
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
