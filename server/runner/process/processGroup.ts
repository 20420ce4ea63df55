/** Ends a command with all it started: asks, waits, then does not ask, and says what is left. */
import type { Clock } from "../../../shared/clock.js";
import { printable } from "../../../shared/text/printable.js";
import {
  allProcesses,
  hasVariable,
  isRunning,
  nameOf,
  type ProcessFound,
} from "../../machine/processes.js";
import { awakeOf } from "../../time/awake.js";
import { type StopManner, USUAL_STOP } from "../definition/stopManner.js";

/** Nothing outlives SIGKILL but what hangs in the kernel, and waiting for that helps nobody. */
const AFTER_KILL_MS = 2_000;
const POLL_MS = 50;
/** So long nobody has to hear that something is waited for. */
const UNSAID_MS = 1_000;
const NAME_CHARACTERS = 40;
/** No process has so high a number. */
export const NO_GROUP = 2 ** 30;

export interface ProcessTools {
  readonly clock: Clock;
  /** Sends a signal to a whole process group; 0 only asks. False when there is no such group. */
  signalGroup(group: number, signal: NodeJS.Signals | 0): boolean;
  /** Runs as the very last thing of this process, short of SIGKILL. Returns what takes it back. */
  onExit(run: () => void): () => void;
}

/** A group whose number may be another one's by now, as nobody has waited for its first process. */
export interface FormerGroup {
  /** When its first process was started, as /proc tells it. */
  readonly started: string;
  /** `NAME=value`: by it its processes are known where the first one has ended. */
  readonly mark: string | undefined;
}

type GroupTools = Pick<ProcessTools, "clock" | "signalGroup">;

export interface StopOptions {
  /** @default SIGTERM, and SIGKILL ten seconds later */
  readonly manner?: StopManner;
  /** Resolves when nobody wants to wait for that signal's effect any longer. */
  readonly hurry?: Promise<void> | undefined;
  /**
   * `NAME=value` in the environment of everything the command started: with it also those are ended that left the group (setsid).
   * Without it they are let be, as a step may start a daemon.
   */
  readonly mark?: string;
  /** It is signalled only while it is still that group. */
  readonly former?: FormerGroup | undefined;
  /** Told once where it takes long: "1234 (sleep)". */
  readonly onWait?: ((left: readonly string[]) => void) | undefined;
  /** Told of those that get SIGKILL, so many ms after they were asked. */
  onKill?(left: readonly string[], afterMs: number): void;
}

/** Resolves once the group is gone, or with those that could not be ended: "1234 (sleep)". */
export async function stopGroup(
  group: number,
  tools: GroupTools,
  { manner = USUAL_STOP, hurry, mark, former, onWait, onKill }: StopOptions = {},
): Promise<readonly string[]> {
  const { signal, patienceMs } = manner;
  const left = () => namesOf(group, mark, tools, former);
  if (left().length === 0) return [];
  if (signal !== "SIGKILL") {
    const askedAt = tools.clock.elapsed();
    signalAll(group, mark, signal, tools, former);
    // A stopped process (SIGSTOP, Ctrl-Z) hears of the signal only when it goes on.
    signalAll(group, mark, "SIGCONT", tools, former);
    const still = await isOver(left, patienceMs, tools.clock, { hurry, onWait });
    if (still.length === 0) return [];
    onKill?.(still, tools.clock.elapsed() - askedAt);
  }
  signalAll(group, mark, "SIGKILL", tools, former);
  return isOver(left, AFTER_KILL_MS, tools.clock);
}

/** The processes that run now in the group, and those that carry the mark wherever they are: "1234 (sleep)". */
export const namesOf = (
  group: number,
  mark: string | undefined,
  tools: Pick<ProcessTools, "signalGroup">,
  former?: FormerGroup,
): readonly string[] => namesIn(allProcesses() ?? [], group, mark, tools, former);

export interface GroupPicture {
  /** "1234 (sleep)". */
  readonly inside: readonly string[];
  /** Processes that carry the mark, left the group, and are no older than its first process. */
  outside(mark: string, since: string): readonly string[];
}

/** A look at the processes of the group that run now. */
export function lookAtGroup(
  group: number,
  tools: Pick<ProcessTools, "signalGroup">,
  former?: FormerGroup,
): GroupPicture {
  const all = allProcesses() ?? [];
  return {
    inside: namesIn(all, group, undefined, tools, former),
    outside: (mark, since) => {
      const younger = all.filter(({ started }) => Number(started) >= Number(since));
      return describeAll(straysOf(younger, group, mark));
    },
  };
}

function signalAll(
  group: number,
  mark: string | undefined,
  signal: NodeJS.Signals,
  tools: Pick<ProcessTools, "signalGroup">,
  former: FormerGroup | undefined,
): void {
  const isThere = former === undefined || membersOf(allProcesses() ?? [], group, former).length > 0;
  if (isThere) tools.signalGroup(group, signal);
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

/** Resolves with those that are still left when the time is over. */
async function isOver(
  left: () => readonly string[],
  withinMs: number,
  clock: Clock,
  { hurry, onWait }: Pick<StopOptions, "hurry" | "onWait"> = {},
): Promise<readonly string[]> {
  let isTimeOver = withinMs <= 0;
  const cancelDeadline = awakeOf(clock).after(withinMs, () => {
    isTimeOver = true;
  });
  void hurry?.then(() => {
    isTimeOver = true;
  });
  const begun = clock.elapsed();
  let isSaid = onWait === undefined;
  try {
    for (let names = left(); names.length > 0; names = left()) {
      if (isTimeOver) return names;
      if (!isSaid && clock.elapsed() - begun >= UNSAID_MS) {
        isSaid = true;
        onWait?.(names);
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.after(POLL_MS, resolve);
        void hurry?.then(() => {
          cancel();
          resolve();
        });
      });
    }
    return [];
  } finally {
    cancelDeadline();
  }
}

/**
 * The processes of it that still run. Where process 1 reaps nobody (a container without an init) the dead stay in their
 * group and still answer a signal: they do not count.
 */
function namesIn(
  all: readonly ProcessFound[],
  group: number,
  mark: string | undefined,
  tools: Pick<ProcessTools, "signalGroup">,
  former: FormerGroup | undefined,
): readonly string[] {
  const members = membersOf(all, group, former);
  const names = describeAll([...members, ...straysOf(all, group, mark)]);
  if (names.length > 0 || members.length > 0 || former) return names;
  // Not in /proc, or there is none: the signal's answer has to do.
  return tools.signalGroup(group, 0) ? [`the process group ${group}`] : [];
}

/**
 * A number is not given anew while a group has it. So where the first process has ended, one that carries the mark proves that it is still
 * the same group; where none does it may be another's, and is let be.
 */
function membersOf(
  all: readonly ProcessFound[],
  group: number,
  former: FormerGroup | undefined,
): readonly ProcessFound[] {
  const members = all.filter((one) => one.group === group);
  if (former === undefined) return members;
  const { started, mark } = former;
  const first = all.find(({ pid }) => pid === group);
  if (first !== undefined) return first.started === started ? members : [];
  return mark !== undefined && members.some(({ pid }) => hasVariable(pid, mark)) ? members : [];
}

/** `1234 (sleep)`, of each that still has a name: the others ended while we looked. */
export const describeAll = (all: readonly ProcessFound[]): readonly string[] =>
  all.filter(isRunning).flatMap(({ pid }) => {
    const name = nameOf(pid);
    return name === null ? [] : [`${pid} (${printable(name, NAME_CHARACTERS)})`];
  });

const strays = (group: number, mark: string | undefined): readonly ProcessFound[] =>
  mark === undefined ? [] : straysOf(allProcesses() ?? [], group, mark).filter(isRunning);

const straysOf = (all: readonly ProcessFound[], group: number, mark: string | undefined) =>
  mark === undefined ? [] : all.filter((one) => one.group !== group && hasVariable(one.pid, mark));
