/** Asks /proc for the processes of this machine. Without a /proc (macOS) nothing is known. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process as /proc shows it. */
export interface ProcessFound {
  readonly pid: number;
  /** One letter, as ps(1) shows it. */
  readonly state: string;
  /** The id of its process group. */
  readonly group: number;
  /** In clock ticks since the machine booted: with the pid, a name that no two processes of one boot share. */
  readonly started: string;
}

/** Null where there is no such process. */
export function processOf(pid: number | string): ProcessFound | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // "pid (command) state parent group ...": the command may hold spaces and brackets, so count from its last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, , group] = fields;
  const started = fields[19];
  if (!state || !group || !started) return null;
  return { pid: Number(pid), state, group: Number(group), started };
}

/** Whether the terminal of that process is its group's now; true where nothing is known. */
export function hasTerminal(pid: number): boolean {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return true;
  const [, , group, , , inFront] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === inFront;
}

/** False for the dead that nobody has reaped yet. */
export const isRunning = ({ state }: ProcessFound): boolean => state !== "Z" && state !== "X";

/** Null where nothing is known. */
export function allProcesses(): ProcessFound[] | null {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return null;
  }
  const found: ProcessFound[] = [];
  for (const name of names) {
    const one = /^\d+$/.test(name) ? processOf(name) : null;
    if (one) found.push(one);
  }
  return found;
}

/** Whether the process was started with `NAME=value`; false for a process of another user. */
export const hasVariable = (pid: number, variable: string): boolean =>
  variablesOf(pid).includes(variable);

/** The value of that variable at the process's start; null where it had none, and for a process of another user. */
export function valueIn(pid: number, name: string): string | null {
  const found = variablesOf(pid).find((variable) => variable.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? null;
}

/** Its name, as ps(1) shows it; null where it has ended. */
export const nameOf = (pid: number): string | null =>
  readOrNull(`/proc/${pid}/comm`)?.trim() ?? null;

/** The id of the machine's present boot. */
export const machineBootId = (): string => bootIdOrNull() ?? "unknown";

/** The same; null where the machine does not tell. */
export const bootIdOrNull = (): string | null =>
  readOrNull("/proc/sys/kernel/random/boot_id")?.trim() || null;

/** The id of the installed system, the same over reboots (machine-id(5)); null where it has none. */
export const machineIdOrNull = (): string | null => readOrNull("/etc/machine-id")?.trim() || null;

/** The process namespace of the machine itself, outside of every container. */
export const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

/** The namespace in which this process's number counts; null where that is not known, or where /proc shows the numbers of another one. */
export function pidNamespace(): string | null {
  try {
    if (readlinkSync("/proc/self") !== String(process.pid)) return null;
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return null;
  }
}

const variablesOf = (pid: number): readonly string[] =>
  readOrNull(`/proc/${pid}/environ`)?.split("\0") ?? [];

/** Seconds that the machine has been up, suspended or not: one clock for all its processes, which nobody sets. Null where it does not tell. */
export function machineUp(): number | null {
  const up = Number.parseFloat(readOrNull("/proc/uptime") ?? "");
  return Number.isFinite(up) ? up : null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // It ended while we looked, or is not ours to read.
  }
}
