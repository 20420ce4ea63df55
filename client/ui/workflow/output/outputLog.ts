/** One attempt's output for the page: what is printed is told live, what stands elsewhere is read by REST. */
import type { InstepClient, LogEnd, LogPiece } from "../../../index.js";
import { noLine } from "./lineCount.js";
import { linesBefore } from "./loadedPart.js";
import { createLogParts, type LogName, type LogParts } from "./logBytes.js";
import type { LogPicture } from "./logPicture.js";
import { keyOf, type OutputLine } from "./outputLines.js";
import { createPace, type Pace } from "./pace.js";
import { countLineEnds } from "./pieceBytes.js";
import { ShownLines } from "./shownLines.js";
import type { Around, FoundLine } from "./wholeSearch.js";

export type LogPlace = { readonly offset: number } | { readonly line: number };

/** From the start of a line. */
const TAIL_BYTES = 256 * 1024;
/** A fast command must not make the page draw each of its lines by itself. */
const DRAW_EVERY_MS = 100;

export interface OutputLogParts {
  readonly client: Pick<InstepClient, "followLog" | "clock" | "rest">;
  readonly name: LogName;
  show(picture: LogPicture): void;
}

type Loading = NonNullable<LogPicture["loading"]>;

export class OutputLog {
  readonly #parts: OutputLogParts;
  readonly #stopped = new AbortController();
  readonly #bytes: LogParts;
  readonly #lines: ShownLines;
  readonly #pace: Pace;
  #isFollowed = false;
  #stopFollowing = () => {};
  /** Where what is told live goes on; null before anything is known. */
  #live: number | null = null;
  /** What is told while a part is read that may reach the end. */
  #held: LogPiece[] = [];
  #total = 0;
  #end: LogEnd["reason"] | null = null;
  #loading: Loading | null = null;
  #trouble: string | null = null;
  /** A newer reading replaces the one before. */
  #turn = 0;
  #again: () => Promise<unknown> = async () => {};

  constructor(parts: OutputLogParts) {
    this.#parts = parts;
    this.#pace = createPace(parts.client.clock, DRAW_EVERY_MS, () => this.#draw());
    this.#bytes = createLogParts(parts.client.rest, parts.name, this.#stopped.signal);
    this.#lines = new ShownLines(this.#bytes, () => this.#pace.soon());
  }

  /** Follows the end, or begins elsewhere. */
  open(place: LogPlace | "end"): void {
    if (place === "end") this.#follow({ tail: TAIL_BYTES });
    else void this.goTo(place);
  }

  stop(): void {
    this.#turn += 1;
    this.#stopped.abort();
    this.#stopFollowing();
    this.#pace.stop();
  }

  /** What the reader does decides at which end lines are cut. */
  reads(isFollowing: boolean, isAtStart: boolean): void {
    this.#lines.isFollowing = isFollowing;
    this.#lines.isReadAtStart = isAtStart;
  }

  /** Returns the name of the line there; null where there is none, or another place was asked for meanwhile. */
  async goTo(place: LogPlace): Promise<string | null> {
    const known = this.#lines.find((line) => this.#isAt(line, place));
    if (known) return keyOf(known);
    // Followed already, and nothing was printed: there is no place to go to.
    if (this.#isFollowed && this.#live === null) return null;
    let key: string | null = null;
    await this.#load("place", async (isCurrent) => {
      this.#live ??= await this.#firstEnd();
      if (!isCurrent() || this.#live === null) return;
      const walked =
        "line" in place ? await this.#lines.count.walkTo(place.line, this.#live) : null;
      if (!isCurrent()) return;
      if ("line" in place && !walked?.isThere) {
        this.#trouble = noLine(place.line, walked?.line ?? 0);
        if (this.#lines.isEmpty) await this.#readAround(this.#live, null, isCurrent);
        return;
      }
      const wanted = walked?.offset ?? ("offset" in place ? place.offset : 0);
      // A power cut may have taken what was there.
      const offset = Math.min(wanted, this.#live);
      key = await this.#readAround(offset, walked?.line ?? null, isCurrent);
    });
    return key;
  }

  /** As `goTo`: to where a search of what is not here leads. */
  async goWhere(find: (around: Around) => Promise<FoundLine | null>): Promise<string | null> {
    let key: string | null = null;
    await this.#load("place", async (isWanted) => {
      const { begin, next } = this.#lines;
      const around = { parts: this.#bytes, begin, next, until: this.#live ?? 0, isWanted };
      const found = await find(around);
      if (found && isWanted())
        key = await this.#readAround(found.offset, null, isWanted, found.part);
    });
    return key;
  }

  /** What is being read is not wanted any more. */
  cancel(): void {
    this.#loaded();
  }

  /** The newest ones (a few thousand at most), wherever the reader is. */
  async lastLines(): Promise<OutputLine[]> {
    const isHere = this.#lines.isAtEnd || this.#live === null;
    if (isHere) return this.#lines.blocks().flatMap((block) => block.lines);
    return linesBefore({ ...(await this.#bytes.before(this.#live ?? 0)), missing: 0 }, null);
  }

  /** Back to where lines are printed. */
  async toEnd(): Promise<void> {
    // A jump that is still being read must not take the reader away any more.
    if (this.#lines.isAtEnd) return this.#loaded();
    if (this.#live === null) return;
    await this.#load("place", async (isCurrent) => {
      const until = this.#live ?? 0;
      const part = await this.#bytes.before(until);
      if (!isCurrent()) return;
      this.#lines.restart(part.from, part.isLast);
      this.#lines.append({ ...part, missing: 0 });
      this.#lines.attach(until, this.#held);
    });
  }

  async loadOlder(): Promise<void> {
    const { begin, isFromStart } = this.#lines;
    if (this.#loading || begin === null || begin === 0 || isFromStart) return;
    await this.#load("older", async (isCurrent) => {
      const part = await this.#bytes.before(begin);
      // What was printed meanwhile may have cut the start.
      if (isCurrent() && this.#lines.begin === begin) this.#lines.prepend(part);
    });
  }

  async loadNewer(): Promise<void> {
    if (this.#loading || this.#lines.isAtEnd || this.#live === null) return;
    await this.#load("newer", async (isCurrent) => {
      const until = this.#live ?? 0;
      const part = await this.#bytes.after(this.#lines.next, until);
      if (!isCurrent()) return;
      this.#lines.append(part);
      if (part.isLast) this.#lines.attach(until, this.#held);
      this.#lines.cutBehind();
    });
  }

  /** Does once more what did not work. */
  retry(): void {
    void this.#again();
  }

  /** Counts the lines before these, however many bytes that takes. */
  countLines(): void {
    this.#lines.count.start(this.#lines.first, true);
    this.#pace.soon();
  }

  #follow(where: { tail: number } | { from: number }): void {
    this.#isFollowed = true;
    const { workflow_id, epoch, step, attempt } = this.#parts.name;
    const options = { epoch, attempt, ...where };
    this.#stopFollowing = this.#parts.client.followLog(workflow_id, step, options, {
      piece: (piece) => this.#told(piece),
      end: ({ reason, next }) => {
        this.#end = reason;
        this.#live ??= next;
        this.#pace.soon();
      },
    });
  }

  /** From here on everything is told live, and all of it is new. */
  async #firstEnd(): Promise<number | null> {
    const end = await this.#bytes.end();
    if (this.#isFollowed || this.#stopped.signal.aborted) return this.#live;
    this.#lines.isAtEnd = false;
    this.#follow({ from: end });
    return end;
  }

  #told(piece: LogPiece): void {
    this.#end = null;
    // Less than was told before: a power cut took the rest, and what it was is not there any more.
    if (this.#live !== null && piece.from - piece.skipped < this.#live) {
      this.#turn += 1;
      this.#loading = null;
      this.#lines.restart(piece.from, false);
      this.#lines.isAtEnd = true;
    }
    this.#live = piece.next;
    this.#total += countLineEnds(piece.text);
    if (this.#lines.isAtEnd) this.#lines.write(piece);
    else if (this.#loading) this.#held.push(piece);
    this.#pace.soon();
  }

  async #readAround(offset: number, number: number | null, isCurrent: () => boolean, within = 0) {
    this.#held = [];
    const until = this.#live ?? offset;
    const part = await this.#bytes.after(offset, until);
    const older = await this.#bytes.before(part.from);
    if (!isCurrent()) return null;
    this.#lines.restart(part.from, false);
    const first = { line: this.#lines.origin, part: 0 };
    if (number !== null && part.missing === 0) this.#lines.count.knows(first, number);
    this.#lines.append({ ...part, missing: 0 });
    this.#lines.prepend(older);
    if (part.isLast) this.#lines.attach(until, this.#held);
    else this.#lines.isAtEnd = false;
    return keyOf({ ...first, part: within });
  }

  #isAt(line: OutputLine, place: LogPlace): boolean {
    if (line.part !== 0) return false;
    if ("line" in place) return this.#lines.count.numberOf(line) === place.line;
    return line.offset === place.offset;
  }

  async #load(what: Loading, run: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const isCurrent = () => turn === this.#turn;
    this.#loading = what;
    this.#held = [];
    this.#trouble = null;
    this.#again = () => this.#load(what, run);
    this.#pace.now();
    try {
      await run(isCurrent);
    } catch (error) {
      if (isCurrent())
        this.#trouble = `Not loaded: ${error instanceof Error ? error.message : error}`;
    }
    if (isCurrent()) this.#loaded();
  }

  /** Nothing is read any more, or wanted to be. */
  #loaded(): void {
    this.#turn += 1;
    this.#loading = null;
    this.#held = [];
    this.#pace.now();
  }

  #draw(): void {
    this.#lines.count.start(this.#lines.first, false);
    const { begin, isFromStart, isAtEnd, open, count } = this.#lines;
    const isAll = begin === 0 || isFromStart;
    this.#parts.show({
      blocks: this.#lines.blocks(),
      base: count.base,
      numbers: count.stateFor(this.#lines.first),
      total: this.#total,
      isAtEnd,
      older: begin === null ? "unreadable" : isAll ? "none" : "some",
      loading: this.#loading,
      trouble: this.#trouble,
      end: this.#end,
      isOpen: isAtEnd && open !== null && this.#end === null,
      size: this.#live ?? 0,
    });
  }
}
