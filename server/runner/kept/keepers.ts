/** The commands of this server that are in their keepers' hands: prepared, begun, taken up after a restart, and removed once their end is durable. */
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../../../shared/clock.js";
import { stepAtIndex } from "../../../shared/state/stepPlace.js";
import { isEnded, isFinished } from "../../../shared/statuses.js";
import type { Disk } from "../../machine/disk.js";
import type { WorkflowRecord } from "../../state/store/record.js";
import type { Keeper } from "../keeper/keeper.js";
import { GONE, KeeperFolder } from "../keeper/keeperFolder.js";
import { jobOf, type KeptJob } from "../keeper/keptJob.js";
import { HEARTBEAT, type Heartbeat } from "./heartbeat.js";

/** As a command stands that an earlier server left. */
export type Standing = "never began" | "at work" | "ended" | "cut off" | "lost";

/** A command as it is to be started. */
export interface KeptStart {
  readonly argv: readonly string[];
  /** For `{{file}}` in `argv`. */
  readonly scriptFile?: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts and finds keepers, wherever they are. */
export interface KeeperHands {
  /** Whether this machine has what a keeper needs. */
  works(): boolean;
  start(folder: KeeperFolder, command: KeptStart): Keeper;
  takeUp(folder: KeeperFolder): Keeper;
  /** Of one on another machine it is not known yet: it counts as at work. */
  standing(folder: KeeperFolder): Promise<Standing>;
  /** Nothing is started or found any more. */
  close(): Promise<void>;
}

/** One that an earlier server left, in our hands. */
export interface TakenUp {
  readonly folder: KeeperFolder;
  /** Null where nothing of it ever ran. */
  readonly keeper: Keeper | null;
  readonly standing: Standing;
  /** When the earlier server was last there, in ms since 1970. */
  readonly seenUntil: number;
}

interface Held {
  readonly folder: KeeperFolder;
  keeper: Keeper | null;
}

const SEEN = ".seen";
const SEEN_MS = 1_000;
const FOLDER = /^[0-9a-f]{32}$/;

export class Keepers {
  readonly #root: string;
  readonly #hands: KeeperHands;
  readonly #clock: Clock;
  /** When an earlier server last looked after its commands here, in ms since 1970; null where none ever did. */
  readonly seenUntil: number | null;
  /** By workflow. */
  readonly #held = new Map<string, Set<Held>>();
  readonly #takenUp = new Map<string, TakenUp>();
  readonly #removing = new Set<Promise<void>>();
  #cancelSeen: (() => void) | null = null;
  /** Null for a server alone. */
  readonly #heartbeat: Heartbeat | null;

  /** `beats` makes the heartbeat of a node, in that file. */
  static async open(
    disk: Disk,
    dataDir: string,
    hands: KeeperHands,
    clock: Clock,
    beats: ((file: string) => Heartbeat) | null = null,
  ): Promise<Keepers> {
    const root = resolve(join(dataDir, "keepers"));
    await disk.makeFolder(root);
    return new Keepers(root, hands, clock, beats ? beats(join(root, HEARTBEAT)) : null);
  }

  private constructor(root: string, hands: KeeperHands, clock: Clock, heartbeat: Heartbeat | null) {
    this.#root = root;
    this.#hands = hands;
    this.#clock = clock;
    this.#heartbeat = heartbeat;
    // Asked for before the first command of ours is here: from then on it is this server that says so.
    this.seenUntil = seenBefore(join(root, SEEN), clock.now());
  }

  /** Whether a command can be kept on this machine. */
  get works(): boolean {
    return this.#hands.works();
  }

  /** Whether a command that has to end with its node can be kept: no node is lost where a server is alone. */
  get mayBeGuarded(): boolean {
    return this.#heartbeat === null || this.works;
  }

  /** The folders that an earlier server left, and those that cannot be understood: a later version may have written them. */
  found(): { readonly folders: readonly KeeperFolder[]; readonly unknown: readonly string[] } {
    const folders: KeeperFolder[] = [];
    const unknown: string[] = [];
    for (const name of readdirSync(this.#root)) {
      const path = join(this.#root, name);
      if (name.endsWith(GONE)) removeNow(path);
      if (!FOLDER.test(name)) continue;
      try {
        const folder = KeeperFolder.open(path);
        if (folder) folders.push(folder);
        else removeNow(path);
      } catch {
        unknown.push(path);
      }
    }
    return { folders, unknown };
  }

  standing(folder: KeeperFolder): Promise<Standing> {
    return this.#hands.standing(folder);
  }

  /** Looks after it from now on. */
  takeUp(folder: KeeperFolder): Keeper {
    for (const held of this.#held.get(folder.job.workflow_id) ?? [])
      if (held.folder === folder && held.keeper) return held.keeper;
    const keeper = this.#hands.takeUp(folder);
    this.#hold({ folder, keeper });
    return keeper;
  }

  /** For the step that asks for it, once. */
  handOver(taken: TakenUp): void {
    this.#takenUp.set(keyOf(taken.folder.job), taken);
  }

  /** The command of that step which an earlier server left; null where there is none. */
  takenUp(name: Pick<KeptJob, "epoch" | "index">): TakenUp | null {
    const taken = this.#takenUp.get(keyOf(name)) ?? null;
    this.#takenUp.delete(keyOf(name));
    return taken;
  }

  /** On disk before anybody hears that the attempt begins. `endsWithNode`: it does not run once its node may be lost. Throws where the disk refuses. */
  prepare(job: Omit<KeptJob, "version" | "stay">, endsWithNode = false): KeeperFolder {
    const stay = endsWithNode ? this.#heartbeat?.stay() : undefined;
    const folder = KeeperFolder.create(this.#root, jobOf({ ...job, ...(stay && { stay }) }));
    this.#hold({ folder, keeper: null });
    return folder;
  }

  /** Starts the command of a folder that was prepared. */
  begin(folder: KeeperFolder, command: KeptStart): Keeper {
    const keeper = this.#hands.start(folder, command);
    for (const held of this.#held.get(folder.job.workflow_id) ?? [])
      if (held.folder === folder) held.keeper = keeper;
    return keeper;
  }

  /** Removes what is kept of attempts that are over by this record: their ends are durable. */
  see(record: Pick<WorkflowRecord, "workflow_id" | "epoch" | "state">): void {
    for (const held of this.#held.get(record.workflow_id) ?? [])
      if (isOver(held.folder.job, record)) this.#remove(held);
  }

  /** Removes what is kept of a workflow that is not ours any more: nothing of it runs. */
  drop({ workflow_id, epoch }: Pick<WorkflowRecord, "workflow_id" | "epoch">): void {
    for (const held of this.#held.get(workflow_id) ?? [])
      if (held.folder.job.epoch === epoch) this.#remove(held);
  }

  /** Removes one that nobody goes on with. */
  discard(folder: KeeperFolder): void {
    for (const held of this.#held.get(folder.job.workflow_id) ?? [])
      if (held.folder === folder) return this.#remove(held);
    // A part of it may lie on the other machine.
    if (folder.job.far) return this.#remove({ folder, keeper: this.#hands.takeUp(folder) });
    removeNow(folder.path);
  }

  /** Looks after nothing any more; what is at work goes on. Resolves when what is over is removed. */
  async close(): Promise<void> {
    this.#heartbeat?.close();
    if (this.#held.size > 0) this.#say();
    this.#cancelSeen?.();
    this.#cancelSeen = null;
    while (this.#removing.size > 0) await Promise.all(this.#removing);
    for (const held of [...this.#held.values()].flatMap((all) => [...all])) {
      await held.keeper?.leave();
      this.#sayLeft(held.folder);
    }
    this.#held.clear();
    await this.#hands.close();
  }

  /** A service manager may end it together with this server, before or after it: the next one has to know of that. */
  #sayLeft(folder: KeeperFolder): void {
    const record = folder.record();
    try {
      if (record) folder.keep({ ...record, left: this.#clock.now() });
    } catch {
      // Its folder was removed: the next server says so.
    }
    folder.close();
  }

  #hold(held: Held): void {
    const { workflow_id } = held.folder.job;
    const all = this.#held.get(workflow_id) ?? new Set<Held>();
    this.#held.set(workflow_id, all.add(held));
    if (this.#cancelSeen === null) this.#say();
  }

  /** Tells the next server until when there was this one. */
  #say(): void {
    this.#cancelSeen?.();
    const path = join(this.#root, SEEN);
    const now = new Date(this.#clock.now());
    try {
      utimesSync(path, now, now);
    } catch {
      try {
        writeFileSync(path, "", { mode: 0o600 });
      } catch {
        // A disk that refuses: the next server says that it does not know.
      }
    }
    this.#cancelSeen = this.#held.size === 0 ? null : this.#clock.after(SEEN_MS, () => this.#say());
  }

  #remove(held: Held): void {
    const { folder, keeper } = held;
    const all = this.#held.get(folder.job.workflow_id);
    all?.delete(held);
    if (all?.size === 0) this.#held.delete(folder.job.workflow_id);
    folder.close();
    const removing = (keeper?.remove() ?? Promise.resolve())
      .catch(() => {})
      .then(() => removeNow(folder.path))
      .finally(() => this.#removing.delete(removing));
    this.#removing.add(removing);
  }
}

/** A folder that cannot be removed now is found again at the next start, and stops nothing. */
function removeNow(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Its disk refuses, or something writes there still.
  }
}

/** Never later than now: the clock may have been set back since. */
function seenBefore(path: string, now: number): number | null {
  const seen = statSync(path, { throwIfNoEntry: false });
  return seen ? Math.min(seen.mtimeMs, now) : null;
}

const keyOf = ({ epoch, index }: Pick<KeptJob, "epoch" | "index">): string => `${epoch} ${index}`;

/** Whether that attempt is over. One that was only prepared has not begun: its step may still be at an earlier one. */
export function isOver(
  { epoch, index, attempt }: Pick<KeptJob, "epoch" | "index" | "attempt">,
  record: Pick<WorkflowRecord, "epoch" | "state">,
): boolean {
  const { state } = record as WorkflowRecord;
  if (record.epoch !== epoch || state === null || isEnded(state.status)) return true;
  const step = stepAtIndex(state, index);
  if (!step) return true;
  const { attempt: current = 0, status } = step;
  if (current !== attempt) return current > attempt;
  return isFinished(step) || status === "interrupted";
}
