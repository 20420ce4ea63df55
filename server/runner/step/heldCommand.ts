/** The command of one attempt in its keeper's hands: to be begun, or taken up as an earlier server left it. */
import { writeFileSync } from "node:fs";
import type { Clock } from "../../../shared/clock.js";
import type { Step } from "../../../shared/schema/workflow.js";
import {
  linkForgotten,
  processOf,
  takenUp,
  withLink,
  withoutLink,
} from "../../../shared/state/stepProcess.js";
import { printable } from "../../../shared/text/printable.js";
import { USUAL_STOP } from "../definition/stopManner.js";
import { type Keeper, type LinkNews, SPOOL_BEGIN } from "../keeper/keeper.js";
import type { KeeperFolder } from "../keeper/keeperFolder.js";
import { type KeptRecord, onwards, recordAt } from "../keeper/keptRecord.js";
import { CommandLost } from "../keeper/leftAtWork.js";
import type { Keepers, KeptStart, Standing } from "../kept/keepers.js";
import { NOT_RUN } from "../process/process.js";
import type { PastOutput } from "../report/reporter.js";
import type { Redaction } from "../secrets/redaction.js";
import type { AttemptSinks } from "./attemptSinks.js";
import { awayWords } from "./keeping/awayWords.js";
import { type KeptCommand, type KeptRunEnd, runKept } from "./keeping/keptRun.js";
import { ALL_HIDDEN, HIDDEN } from "./keeping/olderSecrets.js";
import { passOver } from "./keeping/passOver.js";
import { SpoolReading } from "./keeping/spoolReading.js";
import type { HandingCommand, HandingOn } from "./outputs/handingOn.js";
import type { OutputListener } from "./reading/outputReader.js";

export interface HeldCommandParts {
  readonly keepers: Pick<Keepers, "begin">;
  readonly folder: KeeperFolder;
  readonly clock: Clock;
  /** The step as it is known when the command is begun or taken up. */
  readonly known: Step;
  /** Nobody knows any more what is secret in what it prints. */
  readonly isHidden: boolean;
  /** Where an earlier server left it; null where it is begun now. */
  readonly taken: {
    readonly keeper: Keeper;
    readonly standing: Standing;
    /** In ms since 1970. */
    readonly seenUntil: number;
    readonly past: AsyncIterable<PastOutput>;
  } | null;
}

export interface HeldRun
  extends Omit<KeptCommand, "onProcess" | "onLink">,
    Omit<KeptStart, "argv">,
    Pick<KeptStart, "argv"> {
  readonly redaction: Redaction;
  onText(text: string, bytes: Uint8Array): void;
  /** Why it cannot be started at all. */
  readonly problem: string | null;
  readonly handing: HandingCommand;
  readonly parts: Omit<AttemptSinks, "handingOn">;
}

/** More than is read of it: that there was more is told. */
const MOST_HANDED = 2 * 1024 * 1024;
/** Before the command has begun. */
const NO_LINK = "There is no link yet: ";
const NO_LINK_WHY = /^there was no link: /;
const LINE_END = Buffer.from("\n");

export class HeldCommand {
  readonly #parts: HeldCommandParts;
  readonly #record: KeptRecord | null;
  /** Notes that were said of what is read once more. */
  readonly #noted: Map<string, number>;
  #isPassingOver = false;
  #noLink: ((words: string | null) => void) | null = null;

  constructor(parts: HeldCommandParts) {
    this.#parts = parts;
    this.#record = parts.taken && parts.folder.record();
    this.#noted = new Map();
    for (const note of parts.known.notes ?? [])
      this.#noted.set(note, (this.#noted.get(note) ?? 0) + 1);
  }

  /** It runs on another machine. */
  get isFar(): boolean {
    return this.#parts.folder.job.far !== null;
  }

  handing(handingOn: HandingOn): HandingCommand {
    return handingOn.kept(this.#parts.folder, this.#record?.isInLine ?? false);
  }

  /** A note that was said before is not said again when its line is read once more. */
  listener(listener: OutputListener): OutputListener {
    return {
      ...listener,
      marker: (marker) => {
        if (this.#isPassingOver && marker.kind === "note") {
          const note = printable(marker.text);
          const left = this.#noted.get(note) ?? 0;
          this.#noted.set(note, left - 1);
          if (left > 0) return;
        }
        listener.marker(marker);
      },
    };
  }

  /** As `runKept`. */
  async run(command: HeldRun): Promise<KeptRunEnd> {
    const { signal, problem, parts } = command;
    const { taken } = this.#parts;
    const { output } = parts;
    const record = taken
      ? await this.#passOver(command, taken)
      : recordAt(output.next, SPOOL_BEGIN);
    const keeper = taken?.keeper ?? this.#begin(command, record);
    if (keeper === null)
      return { ...NOT_RUN, notStarted: signal.aborted ? "cancelled" : problem, endedAt: null };
    const end = await this.#runWith(keeper, record, command, taken);
    if (!taken || !this.isFar || end.notStarted === null || signal.aborted) return end;
    // The earlier server never came to begin it over there: it begins now, with the secrets of now.
    const begun = this.#begin(command, record);
    return begun === null ? end : this.#runWith(begun, record, command, null);
  }

  async #runWith(
    keeper: Keeper,
    record: KeptRecord,
    command: HeldRun,
    taken: HeldCommandParts["taken"],
  ): Promise<KeptRunEnd> {
    const { parts, handing, redaction, onText } = command;
    const { folder, clock } = this.#parts;
    const isHidden = taken !== null && this.#parts.isHidden;
    const { output } = parts;
    const listeners = {
      onRaw: (bytes: Buffer) => {
        if (!isHidden) handing.printed(bytes);
      },
      rawWaiting: () => handing.waiting,
      onText,
    };
    const reading = new SpoolReading({
      ...{ keeper, folder, output, listeners, record, clock },
      redaction: isHidden ? ALL_HIDDEN : redaction,
    });
    if (isHidden) output.say(HIDDEN, "time");
    if (taken && !this.isFar) await this.#tellAway(keeper, taken, parts);
    // Nobody waits for a machine that may be out of reach.
    else if (taken) void this.#tellFarAway(keeper, taken, parts);
    const kept: KeptCommand = {
      ...command,
      onProcess: ({ notice, ...process }) => {
        const over = this.isFar ? { over: "ssh" as const } : {};
        if (notice !== undefined && !taken) output.say(notice);
        const known = taken && processOf(this.#parts.known.data);
        parts.updates.process ??= known?.pid === process.pid ? known : { ...process, ...over };
      },
      onLink: (news) => this.#tellLink(news, parts),
    };
    const end = await runKept(keeper, reading, kept, clock).catch((error: unknown) => {
      if (error instanceof CommandLost && error.reason === "node_lost") output.say(error.message);
      throw error;
    });
    this.#forgetLink(parts);
    if (keeper.handedOn) writeFileSync(folder.handedFile, await keeper.handedOn(MOST_HANDED));
    return end;
  }

  /** Once its machine has said how it stands with it. */
  async #tellFarAway(
    keeper: Keeper,
    taken: { readonly seenUntil: number },
    parts: HeldRun["parts"],
  ): Promise<void> {
    const now = this.#parts.clock.now();
    if ((await keeper.begun) === null) return;
    const ended = await Promise.race([keeper.ended, null]);
    await this.#tellAway(keeper, { ...taken, standing: ended ? "ended" : "at work", now }, parts);
  }

  /** Null where it is not to be started. */
  #begin(
    { signal, problem, argv, scriptFile, cwd, env }: HeldRun,
    record: KeptRecord,
  ): Keeper | null {
    const { keepers, folder } = this.#parts;
    if (signal.aborted || problem !== null) return null;
    folder.keep(record);
    return keepers.begin(folder, { argv, scriptFile, cwd, env });
  }

  /** Resolves with how far the output is in the log. A command whose output nobody can go on with is ended first. */
  async #passOver(
    { parts, onText, stop, hurry, mark }: HeldRun,
    { past, keeper }: NonNullable<HeldCommandParts["taken"]>,
  ): Promise<KeptRecord> {
    const { output } = parts;
    const record = this.#record ?? recordAt(0, SPOOL_BEGIN);
    try {
      this.#isPassingOver = true;
      await passOver(past, output, record, onText);
      this.#isPassingOver = false;
      const goingOn = onwards(record, output.next);
      this.#parts.folder.keep(goingOn.record);
      if (goingOn.isTorn) await output.write(LINE_END);
      return goingOn.record;
    } catch (error) {
      await keeper.ending({ manner: stop ?? USUAL_STOP, hurry, mark, tell: () => {} }).stop();
      throw error;
    }
  }

  async #tellAway(
    keeper: Keeper,
    {
      standing,
      seenUntil,
      now = this.#parts.clock.now(),
    }: { readonly standing: Standing; readonly seenUntil: number; readonly now?: number },
    { output, updates }: HeldRun["parts"],
  ): Promise<void> {
    const { known } = this.#parts;
    const ended = standing === "ended" ? await keeper.ended : null;
    const endedAt = ended?.kind === "ended" && ended.at <= now ? ended.at : null;
    const words = awayWords(seenUntil, now, endedAt);
    output.say(words, "time");
    updates.note(`${words}.`);
    const begun = this.isFar ? null : await keeper.begun;
    const process = updates.process ?? processOf(known.data) ?? begun;
    if (!process) return;
    if ("link_lost" in process) {
      // Both were away, one within the other: that is one time.
      updates.process = withLink(process, new Date(this.#parts.clock.now()).toISOString());
      return;
    }
    const [from, to] = [seenUntil, endedAt ?? now].map((at) => new Date(at).toISOString()) as [
      string,
      string,
    ];
    updates.process = takenUp(process, { from, to, gone: "server" });
  }

  /** Nobody waits for its machine any more. */
  #forgetLink({ updates }: HeldRun["parts"]): void {
    this.#noLink?.(null);
    const { known, taken } = this.#parts;
    const process = updates.process ?? (taken && processOf(known.data));
    if (process?.link_lost) updates.process = linkForgotten(process);
  }

  #tellLink({ lost }: LinkNews, { updates, output }: HeldRun["parts"]): void {
    const { known, taken } = this.#parts;
    const process = updates.process ?? (lost && taken ? processOf(known.data) : null);
    if (!process) {
      if (lost === null && !this.#noLink) return;
      const words = lost && `${NO_LINK}${lost.why.replace(NO_LINK_WHY, "")}; it is tried again`;
      if (words !== null && !this.#noLink) output.say(words);
      this.#noLink ??= updates.changingNote(NO_LINK);
      this.#noLink(words && `${words}.`);
      return;
    }
    if (!lost) {
      updates.process = withLink(process, new Date(this.#parts.clock.now()).toISOString());
      return;
    }
    const { since, why, nextTryAt } = lost;
    updates.process = withoutLink(process, {
      since: process.link_lost?.since ?? new Date(since).toISOString(),
      why,
      next_try_at: nextTryAt === null ? null : new Date(nextTryAt).toISOString(),
    });
  }
}
