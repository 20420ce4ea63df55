/** Ends a command with all its descendants: asks its process group, waits, and then does not ask. */
import { readdirSync, readFileSync } from "node:fs";
import type { CliContext } from "./context.js";

const PATIENCE_MS = 10_000;
/** Nothing outlives SIGKILL but what hangs in the kernel, and waiting for that helps nobody. */
const AFTER_KILL_MS = 1_000;
const POLL_MS = 50;

type GroupTools = Pick<CliContext, "clock" | "signalGroup">;

/** SIGTERM, and SIGKILL for what is left after ten seconds. Resolves once the group is gone. */
export async function stopGroup(group: number, tools: GroupTools): Promise<void> {
  if (!tools.signalGroup(group, "SIGTERM")) return;
  if (await isGone(group, PATIENCE_MS, tools)) return;
  tools.signalGroup(group, "SIGKILL");
  await isGone(group, AFTER_KILL_MS, tools);
}

async function isGone(group: number, withinMs: number, tools: GroupTools): Promise<boolean> {
  const deadline = tools.clock.now() + withinMs;
  while (tools.signalGroup(group, 0) && !onlyZombies(group)) {
    if (tools.clock.now() >= deadline) return false;
    await new Promise<void>((resolve) => tools.clock.after(POLL_MS, resolve));
  }
  return true;
}

/**
 * Where process 1 reaps nobody (a container without an init) the dead stay in their group and still answer a signal:
 * without this look into /proc every cancelled step would take its ten seconds.
 */
function onlyZombies(group: number): boolean {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return false; // No /proc here (macOS): the signal's answer has to do.
  }
  let seen = false;
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const member = memberOf(name);
    if (member?.group !== group) continue;
    if (member.state !== "Z" && member.state !== "X") return false;
    seen = true;
  }
  return seen;
}

function memberOf(pid: string): { state: string; group: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (command) state parent group ...": the command may hold spaces and brackets, so count from its last bracket.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: state!, group: Number(group) };
  } catch {
    return null; // It ended while we looked.
  }
}
