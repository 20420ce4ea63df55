/** The processes that the server's last life left running and that nobody goes on with: they are to be ended. */

import type { Keepers } from "./kept/keepers.js";
import type { Leftovers } from "./kept/leftovers.js";
import { NO_GROUP, namesOf, type ProcessTools, stopGroup } from "./process/processGroup.js";
import type { LeftCommand } from "./takingUp.js";

export interface LeftRunning {
  /** "1234 (sleep)". */
  names(): readonly string[];
  /** Resolves with what could not be ended. */
  end(): Promise<readonly string[]>;
}

/** Its first process is not known: no group is signalled as a whole. */
const NOT_KNOWN = { started: "", mark: undefined };

/** By workflow. */
export class AllLeftRunning {
  readonly #left = new Map<string, LeftRunning[]>();
  /** By these the processes of one that is known are found. */
  readonly #marks = new Set<string>();

  get workflows(): Iterable<string> {
    return this.#left.keys();
  }

  of(workflow_id: string): readonly LeftRunning[] {
    return this.#left.get(workflow_id) ?? [];
  }

  /** The commands of no keeper. */
  addUnkept(
    leftovers: Pick<Leftovers, "found" | "names" | "end" | "forget">,
    tools: ProcessTools,
  ): void {
    for (const { recorded, isRunning } of leftovers.found()) {
      this.#marks.add(recorded.mark);
      if (!isRunning) leftovers.forget(recorded);
      else
        this.#add(recorded.workflow_id, {
          names: () => leftovers.names(recorded, tools),
          end: () => leftovers.end(recorded, tools),
        });
    }
  }

  /** Commands in their keepers' hands; of those that do not run, what is kept is removed. */
  async addKept(
    commands: readonly LeftCommand[],
    keepers: Pick<Keepers, "takeUp" | "discard">,
    tools: ProcessTools,
  ): Promise<void> {
    for (const { folder, standing } of commands) {
      const { mark, stop: manner, workflow_id, far } = folder.job;
      if (far) {
        this.#marks.add(mark);
        // Nobody waits here for a machine that may be out of reach.
        const ending = keepers.takeUp(folder).ending({ manner, mark, tell: () => {} });
        this.#add(workflow_id, {
          names: () => [`the command on ${far.host}`],
          end: async () => {
            const survivors = await ending.stop();
            keepers.discard(folder);
            return survivors;
          },
        });
        continue;
      }
      const process = standing === "at work" ? await keepers.takeUp(folder).begun : null;
      if (!process) {
        keepers.discard(folder);
        continue;
      }
      this.#marks.add(mark);
      this.#add(workflow_id, {
        names: () => namesOf(process.pid, mark, tools),
        end: async () => {
          const survivors = await stopGroup(process.pid, tools, { mark, manner });
          keepers.discard(folder);
          return survivors;
        },
      });
    }
  }

  /** Processes of an attempt of which no paper tells any more are found by its mark alone. */
  addMarked(workflow_id: string, marks: readonly string[], tools: ProcessTools): void {
    for (const mark of marks) {
      const names = () => namesOf(NO_GROUP, mark, tools, NOT_KNOWN);
      if (this.#marks.has(mark) || names().length === 0) continue;
      const end = () => stopGroup(NO_GROUP, tools, { mark, former: NOT_KNOWN });
      this.#add(workflow_id, { names, end });
    }
  }

  #add(workflow_id: string, one: LeftRunning): void {
    this.#left.set(workflow_id, [...this.of(workflow_id), one]);
  }
}
