/** Ends a command on another machine with all it started there, and says that it is gone only once that machine's own list of processes was read. */
import { printable } from "../../../../shared/text/printable.js";
import { awakeOf } from "../../../time/awake.js";
import type { GroupEndingOptions } from "../../process/groupEnding.js";
import type { CommandEnding } from "../keeper.js";
import type { FarCommand, FarProcess } from "./farCommand.js";

/** So long a machine that does not answer is waited for. After that it could not be reached, which the next link, or the next server, makes up for. */
export const REACH_MS = 60_000;
/** The same where nobody wants to wait any longer. */
const HURRIED_MS = 10_000;
const LOOK_MS = 100;
/** As for commands of this machine: see groupEnding.ts and processGroup.ts. */
const GRACE_MS = 200;
const AFTER_KILL_MS = 2_000;
const UNSAID_MS = 1_000;
const NAME_CHARACTERS = 40;

interface Picture {
  readonly inside: readonly string[];
  readonly outside: readonly string[];
}

export class FarEnding implements CommandEnding {
  readonly #command: FarCommand;
  readonly #options: GroupEndingOptions;
  /** Aborted once somebody wants it to stop. */
  readonly #told = new AbortController();
  #stopped: Promise<readonly string[]> | null = null;
  #giveUp = () => {};
  #isHurried = false;
  #isTold = false;
  #tookTooLong = false;
  readonly givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve;
  });

  constructor(command: FarCommand, options: GroupEndingOptions) {
    this.#command = command;
    this.#options = options;
    void options.hurry?.then(() => {
      this.#isHurried = true;
    });
  }

  get stopped(): Promise<readonly string[]> | null {
    return this.#stopped;
  }

  stop(tookTooLong = false): Promise<readonly string[]> {
    if (this.#stopped === null) {
      this.#tookTooLong = tookTooLong;
      const unheard = this.#tellOutOfReach();
      void this.#end([], true).then(unheard);
    }
    const stopped = this.#end([], true);
    this.#told.abort();
    return stopped;
  }

  /** Once, where its machine is not reached before it was told. Returns what ends that. */
  #tellOutOfReach(): () => void {
    let isSaid = false;
    return this.#command.onLink(({ lost }) => {
      const { mayBeThere, machine } = this.#command;
      if (lost === null || isSaid || this.#isTold || !mayBeThere) return;
      isSaid = true;
      const tookTooLong = this.#tookTooLong;
      this.#options.tell({ kind: "out of reach", tookTooLong, machine });
    });
  }

  /** It got its signal. */
  #tellTold(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#options.tell({ kind: "told", tookTooLong: this.#tookTooLong });
  }

  async over(leaves: boolean): Promise<readonly string[]> {
    const survivors = await this.#over(leaves);
    this.#command.closeOutput(() => this.#options.tell({ kind: "output held" }));
    return survivors;
  }

  async #over(leaves: boolean): Promise<readonly string[]> {
    const picture = await this.#leftBehind();
    if (this.#stopped !== null) return this.#stopped;
    const { inside, outside } = picture;
    const { tell } = this.#options;
    if (leaves) {
      const names = [...inside, ...outside];
      if (names.length > 0) tell({ kind: "left running", names });
      return [];
    }
    if (outside.length > 0) tell({ kind: "outside", names: outside });
    return inside.length === 0 ? [] : this.#end(inside, false);
  }

  /** A child may end, or leave the group, a moment after its command. Its machine is waited for until somebody wants it to stop. */
  async #leftBehind(): Promise<Picture> {
    const { clock } = this.#command;
    const begun = clock.elapsed();
    const isMarked = this.#options.mark !== undefined;
    for (;;) {
      const picture = pictureOf(
        (await this.#command.processes("0", isMarked, this.#told.signal)) ?? [],
      );
      if (this.#stopped !== null) return picture;
      if (picture.inside.length === 0 || clock.elapsed() - begun >= GRACE_MS) return picture;
      await this.#pause(LOOK_MS);
    }
  }

  #end(left: readonly string[], isMarked: boolean): Promise<readonly string[]> {
    this.#stopped ??= this.#endAll(isMarked && this.#options.mark !== undefined).then(
      (survivors) => {
        if (survivors === null) return this.#unreachable();
        if (survivors.length > 0) this.#giveUp();
        else this.#options.tell({ kind: "gone", left });
        return survivors;
      },
    );
    return this.#stopped;
  }

  #unreachable(): readonly string[] {
    this.#command.giveUp();
    this.#giveUp();
    return [`the command on ${this.#command.machine}, which could not be reached`];
  }

  /** Null where its machine could not be reached. */
  async #endAll(isMarked: boolean): Promise<readonly string[] | null> {
    const { clock } = this.#command;
    const { manner, tell } = this.#options;
    if (!(await this.#within((signal) => this.#command.untilBegun(signal)))) return null;
    const look = async (signal: string) => {
      const names = namesOf(await this.#look(signal, isMarked));
      // Processes that it left, once it has ended by itself, were not told.
      if (names?.length && this.#told.signal.aborted) this.#tellTold();
      return names;
    };
    let asked = clock.elapsed();
    if (manner.signal !== "SIGKILL") {
      let names = await look(manner.signal.slice("SIG".length));
      asked = clock.elapsed();
      let isSaid = false;
      while (names !== null && names.length > 0 && !this.#isOver(asked, manner.patienceMs)) {
        await this.#pause(LOOK_MS);
        names = await look("0");
        if (isSaid || !names?.length || clock.elapsed() - asked < UNSAID_MS) continue;
        isSaid = true;
        tell({ kind: "waiting", names });
      }
      if (names === null || names.length === 0) return names;
      tell({ kind: "killed", names, afterMs: clock.elapsed() - asked });
    }
    let left = await look("KILL");
    const killed = clock.elapsed();
    while (left !== null && left.length > 0 && clock.elapsed() - killed < AFTER_KILL_MS) {
      await this.#pause(LOOK_MS);
      left = await look("KILL");
    }
    return left;
  }

  #isOver(since: number, patienceMs: number): boolean {
    return this.#isHurried || this.#command.clock.elapsed() - since >= patienceMs;
  }

  /** The processes that run there now, after that signal to each. */
  async #look(signal: string, isMarked: boolean): Promise<Picture | null> {
    let found: readonly FarProcess[] | null = null;
    await this.#within(async (deadline) => {
      found = await this.#command.processes(signal, isMarked, deadline);
      return found !== null;
    });
    return found && pictureOf(found);
  }

  /** False where that took longer than anybody waits for. */
  async #within(run: (deadline: AbortSignal) => Promise<boolean>): Promise<boolean> {
    const deadline = new AbortController();
    const awake = awakeOf(this.#command.clock);
    const cancel = awake.after(REACH_MS, () => deadline.abort());
    let cancelHurried = () => {};
    let isDone = false;
    void this.#options.hurry?.then(() => {
      if (!isDone) cancelHurried = awake.after(HURRIED_MS, () => deadline.abort());
    });
    try {
      return await run(deadline.signal);
    } finally {
      isDone = true;
      cancel();
      cancelHurried();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#command.clock.after(ms, resolve));
  }
}

function pictureOf(found: readonly FarProcess[]): Picture {
  const shown = (some: readonly FarProcess[]) =>
    some.map(({ pid, name }) => `${pid} (${printable(name, NAME_CHARACTERS)})`);
  return {
    inside: shown(found.filter(({ isInside }) => isInside)),
    outside: shown(found.filter(({ isInside }) => !isInside)),
  };
}

const namesOf = (picture: Picture | null): readonly string[] | null =>
  picture && [...picture.inside, ...picture.outside];
