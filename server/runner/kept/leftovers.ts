/** Records on disk which process groups run for which workflow, so that the next server finds those that this one left when it died. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Disk } from "../../machine/disk.js";
import {
  allProcesses,
  hasVariable,
  isRunning,
  machineBootId,
  processOf,
} from "../../machine/processes.js";
import type { AttemptName } from "../definition/runStep.js";
import { STOP_SIGNALS, type StopManner } from "../definition/stopManner.js";
import { NO_GROUP, namesOf, type ProcessTools, stopGroup } from "../process/processGroup.js";

const Recorded = z.object({
  workflow_id: z.string(),
  index: z.int(),
  attempt: z.int(),
  group: z.int().positive(),
  /** The start time of the group's first process; null where the machine does not tell. */
  started: z.string().nullable(),
  machine: z.string(),
  /** `NAME=value` that everything it started has in its environment. */
  mark: z.string(),
  /** How it is told to end; missing in what an earlier version wrote. */
  stop: z.object({ signal: z.enum(STOP_SIGNALS), patienceMs: z.number().nonnegative() }).optional(),
});
export type Recorded = z.infer<typeof Recorded>;

/** Called before anything runs in a group. Returns what to call when it is gone. `mark` is `NAME=value` in the environment of all that runs in it. */
export type RecordGroup = (
  group: number,
  attempt: AttemptName,
  mark: string,
  stop: StopManner,
) => () => void;

const FILE = /^\d+\.json$/;

const runningNow = () => (allProcesses() ?? []).filter(isRunning);

export class Leftovers {
  readonly #folder: string;
  readonly #machine = machineBootId();

  static async open(disk: Disk, dataDir: string): Promise<Leftovers> {
    const folder = join(dataDir, "processes");
    await disk.makeFolder(folder);
    return new Leftovers(folder);
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Before anything runs in the group, so without waiting for the disk: what has to survive is this process, not a power cut,
   * which no process survives. Returns what takes it back.
   */
  readonly record: RecordGroup = (group, { workflow_id, index, attempt }, mark, stop) => {
    const started = processOf(group)?.started ?? null;
    const recorded: Recorded = {
      workflow_id,
      index,
      attempt,
      group,
      started,
      machine: this.#machine,
      mark,
      stop,
    };
    const file = join(this.#folder, `${group}.json`);
    writeFileSync(file, `${JSON.stringify(recorded)}\n`, { mode: 0o600 });
    return () => rmSync(file, { force: true });
  };

  /** The groups that an earlier server recorded and did not take back, each with whether any of it still runs. */
  found(): { readonly recorded: Recorded; readonly isRunning: boolean }[] {
    const found: { recorded: Recorded; isRunning: boolean }[] = [];
    for (const name of readdirSync(this.#folder)) {
      if (!FILE.test(name)) continue;
      const recorded = this.#read(name);
      if (recorded) found.push({ recorded, isRunning: this.#stillRuns(recorded) });
      else this.#remove(name);
    }
    return found;
  }

  /** The processes of it that still run: "1234 (sleep)". */
  names(recorded: Recorded, tools: ProcessTools): readonly string[] {
    if (!this.#stillRuns(recorded)) return [];
    return namesOf(this.#groupOf(recorded), recorded.mark, tools);
  }

  /** Ends what still runs of it. Resolves with what could not be ended. */
  async end(recorded: Recorded, tools: ProcessTools): Promise<readonly string[]> {
    const { mark, stop: manner } = recorded;
    const group = this.#groupOf(recorded);
    const survivors = this.#stillRuns(recorded)
      ? await stopGroup(group, tools, { mark, ...(manner && { manner }) })
      : [];
    if (survivors.length === 0) this.forget(recorded);
    return survivors;
  }

  forget({ group }: Recorded): void {
    this.#remove(`${group}.json`);
  }

  #remove(name: string): void {
    try {
      rmSync(join(this.#folder, name), { force: true });
    } catch {
      // A folder, or a disk that refuses: it is found again at the next start.
    }
  }

  /** A number alone proves nothing: it may be somebody else's by now. */
  #stillRuns(recorded: Recorded): boolean {
    if (recorded.machine !== this.#machine) return false;
    if (this.#groupIsOurs(recorded)) return true;
    return runningNow().some(({ pid }) => hasVariable(pid, recorded.mark));
  }

  #groupOf(recorded: Recorded): number {
    return this.#groupIsOurs(recorded) ? recorded.group : NO_GROUP;
  }

  #groupIsOurs({ group, started, mark }: Recorded): boolean {
    const members = runningNow().filter((one) => one.group === group);
    const leader = members.find(({ pid }) => pid === group);
    if (leader) return leader.started === started;
    // Without its leader, a group is known by what its processes were started with.
    return members.some(({ pid }) => hasVariable(pid, mark));
  }

  #read(name: string): Recorded | null {
    try {
      return Recorded.parse(JSON.parse(readRegular(join(this.#folder, name))));
    } catch {
      return null; // Cut short by the crash: then its command never got the word to begin.
    }
  }
}

/** Never waits, as the other end of a pipe would make it; throws where it is no regular file. */
function readRegular(path: string): string {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = openSync(path, flags);
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path} is no regular file`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
