/** One command on another machine, as far as this process knows of it: how it begins, whether it runs, and how it ended. */
import type { Clock } from "../../../../shared/clock.js";
import type { KeptEnd, KeptProcess, LinkNews } from "../keeper.js";
import type { KeeperPrograms } from "../local/keeperPrograms.js";
import { endIn, type Run, runIn, signalName } from "../local/papers.js";
import { type Beginning, FarBeginning, UNBORN } from "./farBeginning.js";
import { FarOutput } from "./farOutput.js";
import type { FarFrame } from "./link/answerReader.js";
import type { FarWatcher } from "./link/errand.js";
import type { FarHost } from "./link/farHost.js";

export interface FarProcess {
  readonly pid: string;
  readonly name: string;
  /** It is in the command's own group. */
  readonly isInside: boolean;
}

export interface FarCommandParts {
  readonly id: string;
  /** As people know it. */
  readonly machine: string;
  readonly host: FarHost;
  readonly clock: Clock;
}

/** The folder is there, and nothing has begun in it: so soon it is asked whether anything still will. */
const UNBORN_MS = 3_000;
/** So long output may still come after the command has ended, as on this machine. */
const LAST_OUTPUT_MS = 1_000;

export class FarCommand implements FarWatcher {
  readonly id: string;
  readonly machine: string;
  readonly clock: Clock;
  readonly begun: Promise<KeptProcess | null>;
  readonly ended: Promise<KeptEnd>;
  readonly output: FarOutput;
  handedOn: Buffer = Buffer.alloc(0);
  readonly #host: FarHost;
  #tellBegun: (process: KeptProcess | null) => void = () => {};
  #tellEnd: (end: KeptEnd) => void = () => {};
  readonly #left = new AbortController();
  readonly #beginning: FarBeginning;
  #run: Run | null = null;
  #endUp: number | null = null;
  /** Its keeper says that it does not know the end: the command itself is watched. */
  #isUnkept = false;
  #isOver = false;
  #isGone = false;
  #isGivenUp = false;
  #closing: { readonly since: number; readonly isHeld: () => void } | null = null;
  #unwatch = () => {};
  #cancelUnborn = () => {};

  constructor({ id, machine, host, clock }: FarCommandParts) {
    this.id = id;
    this.machine = machine;
    this.clock = clock;
    this.#host = host;
    this.#beginning = new FarBeginning({ id, machine, host, left: this.#left.signal });
    this.begun = new Promise((resolve) => {
      this.#tellBegun = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.output = new FarOutput(() => host.wake());
  }

  /** Something of it may be on the other machine. */
  get mayBeThere(): boolean {
    return this.#beginning.mayBeThere;
  }

  /** As Keeper.onLink. */
  onLink(listener: (news: LinkNews) => void): () => void {
    return this.#host.onLink(listener);
  }

  /** Nobody knows that it has ended: whoever removes it ends it. */
  get hasToEnd(): boolean {
    return this.#isGivenUp || !this.#isOver;
  }

  /** Begins it, once. `code` is given the programs that its keeper is made of. */
  async start(code: (programs: KeeperPrograms) => string): Promise<void> {
    this.#after(await this.#beginning.start(code));
  }

  /** Finds out how it stands with one that an earlier process has started, or has wanted to. */
  async takeUp(): Promise<void> {
    this.#after(await this.#beginning.takeUp());
  }

  /** ms that it has run by now, or ran; null before it began. */
  ranMs(): number | null {
    const up = this.#endUp ?? this.#farUp();
    return this.#run === null || up === null ? null : Math.max(0, (up - this.#run.up) * 1_000);
  }

  /** Resolves with true once it runs, or never will; with false once nobody waits any more. A start that was not sent is not wanted any more. */
  async untilBegun(signal: AbortSignal): Promise<boolean> {
    this.#beginning.unwant();
    const aborted = new Promise<false>((resolve) => {
      signal.addEventListener("abort", () => resolve(false), { once: true });
    });
    return Promise.race([this.begun.then(() => true), aborted]);
  }

  /** All that runs of it, after each got that signal; `0` only asks. Null where nobody could be asked. */
  async processes(
    signal: string,
    isMarked: boolean,
    deadline: AbortSignal,
  ): Promise<readonly FarProcess[] | null> {
    if (this.#run === null) return [];
    let found: FarProcess[] = [];
    const how = await this.#host.run(
      {
        code: () => {
          found = [];
          return `each_of ${this.id} ${isMarked ? "marked" : "''"} ${signal}`;
        },
        hear: ({ kind, words }) => {
          const [, at, pid = "", ...name] = words;
          if (kind === "P") found.push({ pid, name: name.join(" "), isInside: at === "in" });
        },
      },
      { signal: deadline },
    );
    return how === "done" ? found : null;
  }

  /** Its machine cannot be reached, and nobody waits for it any more. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.output.end();
  }

  /** It is over, and whatever it left is ended: a process that holds its output for ever is not waited for, and `isHeld` is told of it. */
  closeOutput(isHeld: () => void): void {
    this.#closing = { since: this.clock.elapsed(), isHeld };
  }

  /** Nothing of ours looks after it any more. */
  leave(): void {
    this.#left.abort();
    this.#cancelUnborn();
    this.#unwatch();
  }

  wanted(): string | null {
    const output = this.output.wanted;
    if (this.#isOver && output.endsWith(" 0")) return null;
    const isEnded = this.#endUp !== null;
    const flags = [
      this.#run !== null && "r",
      this.#isUnkept && "e",
      (isEnded || this.#isOver) && "g",
      this.#isGone && "l",
    ];
    const known = `-${flags.filter(Boolean).join("")}`;
    return `${this.id} ${known} ${output}`;
  }

  hear(frame: FarFrame): void {
    const [, what] = frame.words;
    const text = () => frame.bytes.toString("utf8");
    if (frame.kind === "T" && what === "run") this.#hearRun(text());
    else if (frame.kind === "T" && what === "end") this.#hearEnd(text());
    else if (frame.kind === "T" && what === "handed") this.handedOn = Buffer.from(frame.bytes);
    else if (frame.kind === "G" && what === "boot") this.#lost(`${this.machine} was started anew`);
    else if (frame.kind === "G") this.#lost("its keeper was killed; how it ended is not known");
    else if (frame.kind === "X") this.#lost(`its folder on ${this.machine} was removed`);
    else this.#take(frame);
  }

  heardAll(): void {
    const closing = this.#closing;
    if (closing === null || !this.output.isOpen) return;
    // Its reader has enough just now.
    if (this.output.isFull) return void this.closeOutput(closing.isHeld);
    if (this.clock.elapsed() - closing.since < LAST_OUTPUT_MS) return;
    this.output.end();
    closing.isHeld();
  }

  #take(frame: FarFrame): void {
    if (this.#closing !== null) this.#closing = { ...this.#closing, since: this.clock.elapsed() };
    this.output.take(frame);
  }

  #after(beginning: Beginning): void {
    if (beginning.is === "left") return;
    if (beginning.is === "never") return this.#never(beginning.why);
    this.#unwatch = this.#host.watch(this);
    this.#lookForUnborn();
  }

  /** A keeper that was killed before it began its command never will. */
  #lookForUnborn(): void {
    this.#cancelUnborn = this.clock.after(UNBORN_MS, async () => {
      if (this.#run !== null || this.#isOver) return;
      const isUnborn = await this.#beginning.isUnborn();
      if (this.#left.signal.aborted) return;
      if (isUnborn) this.#never(UNBORN);
      else this.#lookForUnborn();
    });
  }

  #hearRun(text: string): void {
    if (this.#run !== null) return;
    const run = runIn(text, 0);
    if (run === null) return;
    this.#run = run;
    const since = this.clock.now() - (this.ranMs() ?? 0);
    const { notice } = this.#beginning;
    this.#tellBegun({
      machine: this.machine,
      pid: run.command.pid,
      since: new Date(since).toISOString(),
      ...(notice !== null && { notice }),
    });
  }

  #hearEnd(text: string): void {
    if (this.#endUp !== null || this.#isOver) return;
    const end = endIn(text, 0);
    if (end === null) return;
    if (end.how === "never") return this.#never(UNBORN);
    if (end.how === "lost") {
      this.#isUnkept = true;
      return;
    }
    this.#endUp = end.up;
    this.#isOver = true;
    const isSignal = end.how === "signal";
    const agoMs = Math.max(0, ((this.#farUp() ?? end.up) - end.up) * 1_000);
    this.#tellEnd({
      kind: "ended",
      exitCode: isSignal ? null : end.status,
      endedBy: isSignal ? signalName(end.status) : null,
      at: Math.round(this.clock.now() - agoMs),
    });
  }

  #lost(why: string): void {
    if (this.#endUp !== null) {
      this.output.end();
      return;
    }
    this.#isOver = true;
    this.#isGone = true;
    this.#tellBegun(null);
    const { notice } = this.#beginning;
    const login = notice === null ? "" : `; ${notice}`;
    this.#tellEnd({ kind: "lost", why: `${why}${login}` });
    if (this.#run === null || !why.startsWith("its keeper")) this.output.end();
  }

  #never(why: string): void {
    this.#isOver = true;
    this.#tellBegun(null);
    this.#tellEnd({ kind: "never began", why });
    this.output.end();
  }

  /** Seconds since that machine's boot. */
  #farUp(): number | null {
    const uptime = this.#host.uptime;
    if (uptime === null) return null;
    return (uptime.ms + this.clock.elapsed() - uptime.at) / 1_000;
  }
}
