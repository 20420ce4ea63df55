/** Joins the way of one attempt's output to the page: bytes that are told live or read by REST, the lines of them, and their drawing. */
import type { InstepClient, LogEnd, LogPiece } from "../../../../index.js";
import { createLogParts, type LogName, type LogParts, PART_BYTES } from "../bytes/logBytes.js";
import { countLineEnds } from "../bytes/pieceBytes.js";
import { noLine } from "../lines/lineCount.js";
import { linesBefore } from "../lines/loadedPart.js";
import { keyOf, type OutputLine } from "../lines/outputLines.js";
import type { FindElsewhere } from "./elsewhere.js";
import { type IsCurrent, Loads } from "./loads.js";
import { LogDrawing } from "./logDrawing.js";
import type { LogOnPage, Reading } from "./logOnPage.js";
import type { ReadersScroll } from "./readersScroll.js";
import { ShownLines } from "./shownLines.js";

export type LogPoint = { readonly offset: number } | { readonly line: number };

/** From the start of a line. */
const TAIL_BYTES = 256 * 1024;

export interface OutputLogParts {
  readonly client: Pick<InstepClient, "followLog" | "clock" | "rest">;
  readonly name: LogName;
  show(onPage: LogOnPage): void;
}

export class OutputLog {
  readonly scroll: ReadersScroll;
  readonly #parts: OutputLogParts;
  readonly #stopped = new AbortController();
  readonly #bytes: LogParts;
  readonly #lines: ShownLines;
  readonly #drawing: LogDrawing;
  readonly #loads: Loads;
  #isFollowed = false;
  #stopFollowing = () => {};
  /** Where what is told live goes on; null before anything is known. */
  #live: number | null = null;
  #total = 0;
  #end: LogEnd["reason"] | null = null;

  constructor(parts: OutputLogParts) {
    this.#parts = parts;
    this.#drawing = new LogDrawing(parts.client.clock, () => this.#draw());
    this.#loads = new Loads(() => this.#drawing.now());
    this.#bytes = createLogParts(parts.client.rest, parts.name, this.#stopped.signal);
    this.scroll = this.#drawing.scroll;
    this.#lines = new ShownLines(this.#bytes, () => this.#drawing.soon(), this.scroll);
  }

  /** Follows the end, or begins elsewhere. `isFollowing`: the reader is at the end, and not at the start of what is there. */
  open(place: LogPoint | "end", isFollowing = place === "end"): void {
    this.#lines.isFollowing = isFollowing;
    this.#lines.isReadAtStart = !isFollowing;
    if (place === "end") this.#follow({ tail: TAIL_BYTES });
    else void this.goTo(place);
  }

  stop(): void {
    this.#loads.drop();
    this.#stopped.abort();
    this.#stopFollowing();
    this.#drawing.stop();
  }

  reads({ isFollowing, isAtStart, block, screens }: Reading): void {
    this.#lines.isReadAtStart = isAtStart;
    this.#lines.readBlock = block;
    this.follows(isFollowing);
    this.#drawing.looked(isFollowing ? null : block, screens);
  }

  /** Heard at once, so that the very next drawing obeys. */
  follows(isFollowing: boolean): void {
    this.#lines.isFollowing = isFollowing;
  }

  /** So that a line that is here is drawn next. */
  draw(key: string): void {
    const block = this.#lines.blockOf(key);
    if (block === null || this.#drawing.has(block)) return;
    this.#drawing.around(block);
    this.#lines.isFollowing = false;
    this.#drawing.now();
  }

  /** The state says that so many bytes were printed. */
  readonly expects = (bytes: number): void => this.#drawing.expects(bytes);

  /** Returns the name of the line there; null where there is none, or another place was asked for meanwhile. */
  async goTo(place: LogPoint): Promise<string | null> {
    const known = this.#lines.find((line) => this.#isAt(line, place));
    if (known) {
      this.draw(keyOf(known));
      return keyOf(known);
    }
    // Followed already, and nothing was printed: there is no place to go to.
    if (this.#isFollowed && this.#live === null) return null;
    let key: string | null = null;
    await this.#loads.run("place", async (isCurrent) => {
      this.#live ??= await this.#firstEnd();
      if (!isCurrent() || this.#live === null) return;
      const walked =
        "line" in place ? await this.#lines.count.walkTo(place.line, this.#live) : null;
      if (!isCurrent()) return;
      if ("line" in place && !walked?.isThere) {
        this.#loads.trouble = noLine(place.line, walked?.line ?? 0);
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
  async goWhere(find: FindElsewhere): Promise<string | null> {
    let key: string | null = null;
    await this.#loads.run("place", async (isWanted) => {
      const { begin, next } = this.#lines;
      const around = { parts: this.#bytes, begin, next, until: this.#live ?? 0, isWanted };
      const found = await find(around);
      if (found && isWanted())
        key = await this.#readAround(found.offset, null, isWanted, found.part);
    });
    return key;
  }

  /** Gives up the part that is being read. */
  cancel(): void {
    this.#loads.done();
  }

  /** The newest ones (a few thousand at most), wherever the reader is. */
  async lastLines(): Promise<OutputLine[]> {
    const isHere = !this.#lines.isWaiting && (this.#lines.isAtEnd || this.#live === null);
    if (isHere) return this.#lines.blocks().flatMap((block) => block.lines);
    const part = await this.#bytes.before(this.#live ?? 0, undefined, PART_BYTES);
    return linesBefore({ ...part, missing: 0 }, null);
  }

  /** Back to where lines are printed. */
  async toEnd(): Promise<void> {
    // A jump that is still being read must not take the reader away any more.
    if (this.#lines.isAtEnd) return this.#loads.done();
    if (this.#live === null) return;
    await this.#loads.run("place", async (isCurrent) => {
      const until = this.#live ?? 0;
      const part = await this.#bytes.before(until);
      if (!isCurrent()) return;
      this.#restart(part.from, part.isLast);
      this.#lines.append({ ...part, missing: 0 });
      this.#attach(until);
    });
  }

  async loadOlder(): Promise<void> {
    const { begin, isFromStart } = this.#lines;
    if (this.#loads.loading || begin === null || begin === 0 || isFromStart) return;
    if (this.#drawing.hidden.before > 0) return this.#drawing.more();
    await this.#loads.run("older", async (isCurrent) => {
      const part = await this.#bytes.before(begin);
      // Lines that were printed meanwhile may have cut the start.
      if (isCurrent() && this.#lines.begin === begin) this.#lines.prepend(part);
    });
  }

  async loadNewer(): Promise<void> {
    if (this.#loads.loading || this.#lines.isAtEnd || this.#live === null) return;
    if (this.#drawing.hidden.behind > 0) return this.#drawing.more();
    await this.#loads.run("newer", async (isCurrent) => {
      const until = this.#live ?? 0;
      const part = await this.#bytes.after(this.#lines.next, until);
      if (!isCurrent()) return;
      this.#lines.append(part);
      if (part.isLast) this.#attach(until);
      this.#lines.cutBehind();
    });
  }

  /** Does once more what did not work. */
  retry(): void {
    this.#loads.retry();
  }

  /** Counts the lines before these, however many bytes that takes. */
  countLines(): void {
    this.#lines.count.start(this.#lines.first, true);
    this.#drawing.now();
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
        this.#drawing.soon();
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
      this.#loads.drop();
      this.#restart(piece.from, false);
      this.#lines.isAtEnd = true;
    }
    this.#live = piece.next;
    this.#total += countLineEnds(piece.text);
    if (this.#lines.isAtEnd) this.#lines.told(piece);
    else if (this.#loads.loading) this.#loads.held.push(piece);
    this.#drawing.printed();
  }

  #restart(offset: number, isFromStart: boolean): void {
    this.#drawing.around(null);
    this.#lines.restart(offset, isFromStart);
  }

  /** From `until` on everything is told live. */
  #attach(until: number): void {
    this.#lines.attach(until);
    for (const piece of this.#loads.held.splice(0)) this.#lines.told(piece);
  }

  async #readAround(offset: number, number: number | null, isCurrent: IsCurrent, within = 0) {
    this.#loads.held = [];
    const until = this.#live ?? offset;
    const part = await this.#bytes.after(offset, until);
    const older = await this.#bytes.before(part.from);
    if (!isCurrent()) return null;
    this.#restart(part.from, false);
    const first = { line: this.#lines.origin, part: 0 };
    if (number !== null && part.missing === 0) this.#lines.count.knows(first, number);
    this.#lines.append({ ...part, missing: 0 });
    this.#lines.prepend(older);
    if (part.isLast) this.#attach(until);
    else this.#lines.isAtEnd = false;
    this.#lines.isFollowing = false;
    const key = keyOf({ ...first, part: within });
    this.#drawing.around(this.#lines.blockNear(key));
    return key;
  }

  #isAt(line: OutputLine, place: LogPoint): boolean {
    if (line.part !== 0) return false;
    if ("line" in place) return this.#lines.count.numberOf(line) === place.line;
    return line.offset === place.offset;
  }

  #draw(): void {
    this.#lines.make(this.#parts.client.clock);
    this.#lines.count.start(this.#lines.first, false);
    const { loading, trouble } = this.#loads;
    const facts = { live: this.#live, total: this.#total, end: this.#end, loading, trouble };
    this.#parts.show(this.#drawing.onPage(this.#lines, facts));
    if (this.#lines.isWaiting) this.#drawing.soon();
  }
}
