/** Ends a command with all it started: asks, waits, then does not ask, and says what is left. */
import type { Clock } from "../../shared/clock.js";
import { allProcesses, hasVariable, isRunning, nameOf, type ProcessFound } from "../processes.js";
import { awakeOf } from "../state/awake.js";

/** Between SIGTERM and SIGKILL. */
export const PATIENCE_MS = 10_000;
/** Nothing outlives SIGKILL but what hangs in the kernel, and waiting for that helps nobody. */
const AFTER_KILL_MS = 2_000;
const POLL_MS = 50;

export interface ProcessTools {
  readonly clock: Clock;
  /** Sends a signal to a whole process group; 0 only asks. False when there is no such group. */
  signalGroup(group: number, signal: NodeJS.Signals | 0): boolean;
  /** Runs as the very last thing of this process, short of SIGKILL. Returns what takes it back. */
  onExit(run: () => void): () => void;
}

export interface StopOptions {
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry?: Promise<void>;
  readonly patienceMs?: number;
  /**
   * `NAME=value` in the environment of everything the command started: with it also those are ended that left the group (setsid).
   * Without it they are let be, as a step may start a daemon.
   */
  readonly mark?: string;
}

/** Resolves once the group is gone, or with those that could not be ended: "1234 (sleep)". */
export async function stopGroup(
  group: number,
  tools: Pick<ProcessTools, "clock" | "signalGroup">,
  { hurry, patienceMs = PATIENCE_MS, mark }: StopOptions = {},
): Promise<readonly string[]> {
  const left = () => survivors(group, mark, tools);
  if (left().length === 0) return [];
  signalAll(group, mark, "SIGTERM", tools);
  if (await isOver(left, patienceMs, tools.clock, hurry)) return [];
  signalAll(group, mark, "SIGKILL", tools);
  if (await isOver(left, AFTER_KILL_MS, tools.clock)) return [];
  return left();
}

function signalAll(
  group: number,
  mark: string | undefined,
  signal: NodeJS.Signals,
  tools: Pick<ProcessTools, "signalGroup">,
): void {
  tools.signalGroup(group, signal);
  for (const { pid, group: other } of strays(group, mark)) {
    // One that leads a group of its own takes that with it.
    if (pid === other && tools.signalGroup(other, signal)) continue;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
}

async function isOver(
  left: () => readonly string[],
  withinMs: number,
  clock: Clock,
  hurry?: Promise<void>,
): Promise<boolean> {
  let isTimeOver = false;
  const cancelDeadline = awakeOf(clock).after(withinMs, () => {
    isTimeOver = true;
  });
  void hurry?.then(() => {
    isTimeOver = true;
  });
  try {
    while (left().length > 0) {
      if (isTimeOver) return false;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(POLL_MS, resolve);
        void hurry?.then(() => {
          cancel();
          resolve();
        });
      });
    }
    return true;
  } finally {
    cancelDeadline();
  }
}

/**
 * What still runs of it. Where process 1 reaps nobody (a container without an init) the dead stay in their group and still
 * answer a signal: they do not count.
 */
function survivors(
  group: number,
  mark: string | undefined,
  tools: Pick<ProcessTools, "signalGroup">,
): readonly string[] {
  const all = allProcesses() ?? [];
  const members = all.filter((one) => one.group === group);
  const names = [...members, ...straysOf(all, group, mark)].filter(isRunning).map(describe);
  if (names.length > 0 || members.length > 0) return names;
  // Not in /proc, or there is none: the signal's answer has to do.
  return tools.signalGroup(group, 0) ? [`the process group ${group}`] : [];
}

const describe = ({ pid }: ProcessFound): string => `${pid} (${nameOf(pid)})`;

const strays = (group: number, mark: string | undefined): readonly ProcessFound[] =>
  mark === undefined ? [] : straysOf(allProcesses() ?? [], group, mark).filter(isRunning);

const straysOf = (all: readonly ProcessFound[], group: number, mark: string | undefined) =>
  mark === undefined ? [] : all.filter((one) => one.group !== group && hasVariable(one.pid, mark));
