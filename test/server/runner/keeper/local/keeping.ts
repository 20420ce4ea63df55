/** A folder for keepers in a test, and commands in their hands: everything is gone after it. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { allProcesses, hasVariable, isRunning } from "../../../../../server/machine/processes.js";
import { signalGroup } from "../../../../../server/machine/signalGroup.js";
import {
  type Keeper,
  SPOOL_BEGIN,
  type SpoolPlace,
} from "../../../../../server/runner/keeper/keeper.js";
import type { KeeperPrograms } from "../../../../../server/runner/keeper/local/keeperPrograms.js";
import {
  startLocalKeeper,
  takeUpLocalKeeper,
} from "../../../../../server/runner/keeper/local/localKeeper.js";
import type { KeptCommand } from "../../../../../server/runner/keeper/local/startedKeeper.js";
import { keeperProcesses } from "../../../../../server/runner/keeper/local/whoIsThere.js";
import type { ProcessTools } from "../../../../../server/runner/process/processGroup.js";
import { systemClock } from "../../../../../shared/clock.js";
import { until } from "../../../../support/deadline.js";

export const TOOLS: ProcessTools = { clock: systemClock, signalGroup, onExit: () => () => {} };

export interface Kept {
  readonly folder: string;
  readonly mark: string;
  readonly keeper: Keeper;
  /** Everything that it prints, to its end. */
  output(): Promise<string>;
  takeUp(): Keeper;
}

/** An empty folder of a keeper's, which is removed after the test with all the processes that name it. */
export function keeperFolder(parent = ownParent()): string {
  const folder = join(parent, randomBytes(16).toString("hex"));
  mkdirSync(folder, { mode: 0o700 });
  onTestFinished(() => {
    for (const pid of keeperProcesses(folder)) kill(pid);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function ownParent(): string {
  const parent = mkdtempSync(join(tmpdir(), "instep-keeper-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

export interface KeepOptions extends Partial<KeptCommand> {
  readonly programs?: KeeperPrograms;
  readonly folder?: string;
}

export function keep(run: string, { programs, ...more }: KeepOptions = {}): Kept {
  const { folder = keeperFolder() } = more;
  const mark = more.mark ?? `INSTEP_TEST_MARK=${randomBytes(8).toString("hex")}`;
  const [name, value] = mark.split("=") as [string, string];
  const keepers: Keeper[] = [];
  onTestFinished(async () => {
    for (const keeper of keepers) await keeper.leave();
    for (const pid of marked(mark)) kill(pid);
    await until(() => keeperProcesses(folder).length === 0 || kill9(folder), "no keeper is left");
  });
  const keeper = startLocalKeeper(
    folder,
    {
      argv: ["/bin/sh", "-c", run],
      cwd: "/tmp",

      ...more,
      mark,
      env: { PATH: process.env.PATH, ...more.env, [name]: value },
    },
    TOOLS,
    programs,
  );
  keepers.push(keeper);
  const takeUp = () => {
    const taken = takeUpLocalKeeper(folder, TOOLS);
    keepers.push(taken);
    return taken;
  };
  return { folder, mark, keeper, takeUp, output: () => outputOf(keeper) };
}

export async function outputOf(keeper: Keeper, from: SpoolPlace = SPOOL_BEGIN): Promise<string> {
  const { text } = await readAll(keeper, from);
  return text;
}

export async function readAll(keeper: Keeper, from: SpoolPlace = SPOOL_BEGIN) {
  const never = new AbortController().signal;
  let place = from;
  let text = "";
  let leftOut = 0;
  let bytes = 0;
  for (;;) {
    const piece = await keeper.read(place, 65_536, never);
    if (piece === null) return { text, leftOut, bytes, place };
    if (text.length < 1_000_000) text += piece.bytes.toString("latin1");
    bytes += piece.bytes.length;
    leftOut += piece.leftOut;
    place = piece.next;
    await keeper.release(place);
  }
}

export const marked = (mark: string): readonly number[] =>
  (allProcesses() ?? [])
    .filter((one) => isRunning(one) && hasVariable(one.pid, mark))
    .map(({ pid }) => pid);

export function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

function kill9(folder: string): boolean {
  for (const pid of keeperProcesses(folder)) kill(pid);
  return false;
}
