/** Watches over a command on this machine by its keeper's folder: tells once that it runs, and once how it ended. */
import { machineUp } from "../../../machine/processes.js";
import { type ProcessTools, stopGroup } from "../../process/processGroup.js";
import type { KeptEnd } from "../keeper.js";
import { type End, endChangedAt, type Run, signalName } from "./papers.js";
import { claim, type Standing, standing } from "./standing.js";
import { endKeeperProcesses, isThere } from "./whoIsThere.js";

/** A keeper that does not tell the end of its command is stopped (SIGSTOP), or cannot write. */
const WAKE_AFTER_MS = 2_000;
const TELLS_WITHIN_MS = 30_000;

export interface CommandWatchOptions {
  readonly folder: string;
  readonly tools: ProcessTools;
  /** `NAME=value`; null where it is not known. */
  readonly mark: string | null;
  /** In words, where the keeper was there and could not begin the command. */
  whyNotBegun(status: number): string | null;
  /** The keeper's process is a child of this one, which tells when it has ended. */
  readonly isChild: boolean;
}

export class CommandWatch {
  readonly #options: CommandWatchOptions;
  #tellRunning: (run: Run | null) => void = () => {};
  #tellEnd: (end: KeptEnd) => void = () => {};
  #run: Run | null = null;
  #endedUp: number | null = null;
  #isChildThere: boolean;
  /** Since when it is gone, and its keeper has not told how. */
  #untoldSince: number | null = null;
  #isBeingEnded = false;
  /** By the last look it was at work, with this time of the paper of its end: while both stay, nothing else needs to be read. */
  #atWork: { readonly run: Run; readonly end: number } | null = null;
  #isOver = false;

  /** Null where nothing of it ever ran. */
  readonly running = new Promise<Run | null>((resolve) => {
    this.#tellRunning = resolve;
  });
  readonly ended = new Promise<KeptEnd>((resolve) => {
    this.#tellEnd = resolve;
  });

  constructor(options: CommandWatchOptions) {
    this.#options = options;
    this.#isChildThere = options.isChild;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  ranMs(): number | null {
    if (this.#run === null) return null;
    const now = this.#endedUp ?? machineUp();
    return now === null ? null : Math.max(0, Math.round((now - this.#run.up) * 1_000));
  }

  look(): void {
    if (this.#isOver) return;
    try {
      const { folder } = this.#options;
      // Read before the papers are: a later change is then seen by the next look.
      const end = endChangedAt(folder);
      const isAsBefore = this.#atWork !== null && end !== null && end === this.#atWork.end;
      if (isAsBefore && this.#atWork !== null && isThere(this.#atWork.run.command)) return;
      this.#atWork = null;
      const found = standing(folder, this.#run);
      if (found.is === "at work" && end !== null) this.#atWork = { run: found.run, end };
      this.#take(found);
    } catch {
      // A file that cannot be read just now says nothing: there is a next look.
    }
  }

  childEnded(): void {
    this.#isChildThere = false;
    this.look();
  }

  /** Nothing of it runs, and nothing will. */
  neverBegan(why: string): void {
    this.#end({ kind: "never began", why });
  }

  #take(found: Standing): void {
    if ("run" in found && found.run !== null && this.#run === null) {
      this.#run = found.run;
      this.#tellRunning(found.run);
    }
    if (found.is !== "ending") this.#untoldSince = null;
    switch (found.is) {
      case "beginning":
      case "at work":
        return;
      case "unclaimed":
        if (!this.#isChildThere && claim(this.#options.folder)) this.look();
        return;
      case "never began":
        // It may be just about to begin where it has not said so itself.
        if (found.status === null && this.#isChildThere) return;
        return this.neverBegan(this.#whyNot(found.status) ?? found.why);
      case "ending":
        return this.#waitForEnd(found.run);
      case "ended":
        this.#endedUp = found.end.up;
        return this.#end(toldEnd(found.end));
      case "cut off":
        this.#endedUp = found.end.up;
        return this.#end({ kind: "cut off" });
      case "lost":
        return this.#lose(found.why);
    }
  }

  #whyNot(status: number | null): string | null {
    return status === null ? null : this.#options.whyNotBegun(status);
  }

  #waitForEnd({ keeper }: Run): void {
    const { clock } = this.#options.tools;
    this.#untoldSince ??= clock.elapsed();
    const ms = clock.elapsed() - this.#untoldSince;
    if (ms >= TELLS_WITHIN_MS) return this.#end({ kind: "lost", why: UNTOLD });
    if (ms < WAKE_AFTER_MS || !isThere(keeper)) return;
    try {
      process.kill(keeper.pid, "SIGCONT");
    } catch {
      // It has ended by itself.
    }
  }

  /** It may still run where its folder was taken away: what nobody can read or tell of any more is ended. */
  #lose(why: string): void {
    if (this.#isBeingEnded) return;
    this.#isBeingEnded = true;
    const { folder, tools, mark } = this.#options;
    const run = this.#run;
    const former = { started: run?.command.started ?? "", mark: mark ?? undefined };
    const options = { former, ...(mark !== null && { mark }) };
    endKeeperProcesses(folder);
    void stopGroup(run?.command.pid ?? 0, tools, options).then(() =>
      this.#end({ kind: "lost", why }),
    );
  }

  #end(end: KeptEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endedUp ??= machineUp();
    this.#tellRunning(null);
    this.#tellEnd(end);
  }
}

const UNTOLD = "its keeper does not tell how it ended";

function toldEnd({ how, status, at }: End): KeptEnd {
  return how === "signal"
    ? { kind: "ended", exitCode: null, endedBy: signalName(status), at }
    : { kind: "ended", exitCode: status, endedBy: null, at };
}
