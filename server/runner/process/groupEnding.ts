/** The end of a command's process group: told to end, or over by itself with some of it left; and what is to be said of that. */
import { processOf } from "../../machine/processes.js";
import type { StopManner } from "../definition/stopManner.js";
import {
  type FormerGroup,
  type GroupPicture,
  lookAtGroup,
  type ProcessTools,
  stopGroup,
} from "./processGroup.js";

/** Processes are named "1234 (sleep)". */
export type EndingNews =
  /** It is told to end now, before it has ended by itself. */
  | { readonly kind: "told"; readonly tookTooLong: boolean }
  /** It is told to end once its machine is reached. */
  | { readonly kind: "out of reach"; readonly tookTooLong: boolean; readonly machine: string }
  /** They are waited for, and that takes a while. */
  | { readonly kind: "waiting"; readonly names: readonly string[] }
  /** They got SIGKILL, so long after they were told. */
  | { readonly kind: "killed"; readonly names: readonly string[]; readonly afterMs: number }
  /** All of it is gone; the command had left these, where it ended by itself. */
  | { readonly kind: "gone"; readonly left: readonly string[] }
  /** They live on, as the step wants it. */
  | { readonly kind: "left running"; readonly names: readonly string[] }
  /** They live on, as they left the group. */
  | { readonly kind: "outside"; readonly names: readonly string[] }
  /** Somebody still held the command's output when it was closed. */
  | { readonly kind: "output held" };

export interface GroupEndingOptions {
  readonly manner: StopManner;
  readonly hurry?: Promise<void> | undefined;
  /** `NAME=value`: by it also those are ended that left the group, where somebody tells the command to end. */
  readonly mark?: string | undefined;
  tell(news: EndingNews): void;
}

/** Ends a command with all it started. */
export interface CommandEnding {
  /** Resolves where some of it cannot be ended. */
  readonly givenUp: Promise<void>;
  /** It was told to end: it counts as proven only once this has resolved. Null where it was not. */
  readonly stopped: Promise<readonly string[]> | null;
  /** Somebody wants it to end, and all it started. Resolves with what could not be ended: "1234 (sleep)". */
  stop(tookTooLong?: boolean): Promise<readonly string[]>;
  /** The command has ended. What it left is ended, or with `leaves` let be. Resolves with what could not be ended. */
  over(leaves: boolean): Promise<readonly string[]>;
}

/** A child may end, or leave the group, a moment after its command: such ones are not told of, and nothing is ended too early. */
const GRACE_MS = 200;
const LOOK_MS = 10;

export class GroupEnding implements CommandEnding {
  readonly #group: number;
  readonly #tools: ProcessTools;
  readonly #options: GroupEndingOptions;
  readonly #since: string | null;
  readonly #former: FormerGroup | undefined;
  #stopped: Promise<readonly string[]> | null = null;
  #giveUp = () => {};
  /** Resolves where some of it cannot be ended: nobody waits for ever for what hangs in the kernel. */
  readonly givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve;
  });

  /** Right after the group's first process was started, or with when that was. */
  constructor(group: number, tools: ProcessTools, options: GroupEndingOptions, started?: string) {
    this.#group = group;
    this.#tools = tools;
    this.#options = options;
    this.#since = started ?? processOf(group)?.started ?? null;
    this.#former = started === undefined ? undefined : { started, mark: options.mark };
  }

  /** Somebody wants it to end, and all it started. Resolves with what could not be ended. */
  stop(tookTooLong = false): Promise<readonly string[]> {
    if (this.#stopped === null) this.#options.tell({ kind: "told", tookTooLong });
    return this.#end([], this.#options.mark);
  }

  /** The command has ended. What it left is ended, or with `leaves` let be. Resolves with what could not be ended. */
  async over(leaves: boolean): Promise<readonly string[]> {
    const { inside, outside } = await this.#leftBehind();
    // Told to end meanwhile: it loses also what left the group.
    if (this.#stopped !== null) return this.#stopped;
    const { mark, tell } = this.#options;
    const away = mark === undefined || this.#since === null ? [] : outside(mark, this.#since);
    if (leaves) {
      const names = [...inside, ...away];
      if (names.length > 0) tell({ kind: "left running", names });
      return [];
    }
    if (away.length > 0) tell({ kind: "outside", names: away });
    return inside.length === 0 ? [] : this.#end(inside, undefined);
  }

  /** It was told to end: it counts as proven only once this has resolved. Null where it was not. */
  get stopped(): Promise<readonly string[]> | null {
    return this.#stopped;
  }

  async #leftBehind(): Promise<GroupPicture> {
    const { clock } = this.#tools;
    const begun = clock.elapsed();
    for (;;) {
      const picture = lookAtGroup(this.#group, this.#tools, this.#former);
      const isOver = picture.inside.length === 0 || clock.elapsed() - begun >= GRACE_MS;
      if (isOver || this.#stopped !== null) return picture;
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    }
  }

  #end(left: readonly string[], mark: string | undefined): Promise<readonly string[]> {
    const { manner, hurry, tell } = this.#options;
    this.#stopped ??= stopGroup(this.#group, this.#tools, {
      manner,
      hurry,
      former: this.#former,
      ...(mark !== undefined && { mark }),
      onWait: (names) => tell({ kind: "waiting", names }),
      onKill: (names, afterMs) => tell({ kind: "killed", names, afterMs }),
    }).then((survivors) => {
      if (survivors.length > 0) this.#giveUp();
      else tell({ kind: "gone", left });
      return survivors;
    });
    return this.#stopped;
  }
}
