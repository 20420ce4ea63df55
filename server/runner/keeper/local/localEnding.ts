/** Ends a command that a keeper on this machine has begun, or will have begun in a moment. */
import { GroupEnding, type GroupEndingOptions } from "../../process/groupEnding.js";
import type { ProcessTools } from "../../process/processGroup.js";
import type { CommandEnding } from "../keeper.js";
import type { Run } from "./papers.js";

export class LocalEnding implements CommandEnding {
  readonly #ending: Promise<GroupEnding | null>;
  #stopped: Promise<readonly string[]> | null = null;
  readonly givenUp: Promise<void>;

  /** `begun` resolves with null where nothing of it runs. */
  constructor(begun: Promise<Run | null>, tools: ProcessTools, options: GroupEndingOptions) {
    this.#ending = begun.then((run) => {
      if (run === null) return null;
      const { pid, started } = run.command;
      return new GroupEnding(pid, tools, options, started);
    });
    this.givenUp = this.#ending.then((ending) => ending?.givenUp ?? new Promise<void>(() => {}));
  }

  get stopped(): Promise<readonly string[]> | null {
    return this.#stopped;
  }

  stop(tookTooLong = false): Promise<readonly string[]> {
    this.#stopped ??= this.#ending.then((ending) => ending?.stop(tookTooLong) ?? []);
    return this.#stopped;
  }

  async over(leaves: boolean): Promise<readonly string[]> {
    const ending = await this.#ending;
    if (ending === null) return [];
    const survivors = await ending.over(leaves);
    this.#stopped ??= ending.stopped;
    return survivors;
  }
}
