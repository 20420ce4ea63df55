/** An attempt's output on its way to be kept, with the place of every line in it, and with lines of our own between the command's. */
import type { Clock } from "../../../shared/clock.js";
import type { ErrorLine } from "../../../shared/schema/workflow.js";
import { printable } from "../../../shared/text/printable.js";
import type { OutputSink } from "./reporter.js";

const LINE_END = 10;
const NEW_LINE = Buffer.of(LINE_END);
const OWN_CHARACTERS = 1_000;
/** So long a line of our own waits for the end of the line that the command is writing; then it goes on a new one. */
const OPEN_LINE_MS = 250;

export class PlacedOutput implements OutputSink {
  readonly #sink: OutputSink;
  readonly #clock: Pick<Clock, "after">;
  #next: number;
  /** Where the line begins that is being written. */
  #lineFrom: number;
  /** Its number from 1; null where nobody counted what was printed before. */
  #line: number | null;
  /** Lines of our own that wait until the command's line has its end. */
  #own: Buffer[] = [];
  #cancelOwn = () => {};
  /** A line of our own waits, and not for long. */
  #isOwnDue = false;
  /** Told, before they are written, where bytes of our own come to stand, and how many. With false they are left out. */
  onOwn: (from: number, length: number) => boolean = () => true;

  /** `from`: everything before it is passed over first. @default all that is there is unknown */
  constructor(sink: OutputSink, clock: Pick<Clock, "after">, from = sink.begin) {
    this.#sink = sink;
    this.#clock = clock;
    this.#next = from;
    this.#lineFrom = from;
    this.#line = from === 0 ? 1 : null;
  }

  get begin(): number {
    return this.#sink.begin;
  }

  /** Behind all that was written, kept or on its way. */
  get next(): number {
    return this.#next;
  }

  /** As in OutputSink; 0 where nobody can say. */
  get keptTo(): number {
    return this.#sink.keptTo ?? 0;
  }

  /** Resolves once everything is kept that was written by now. */
  untilKept(): Promise<void> {
    return this.#sink.finish();
  }

  /** Counts what an earlier process wrote; `skipped` bytes before it are not there any more. */
  passOver(bytes: Uint8Array, skipped: number): void {
    if (skipped > 0) {
      this.#next += skipped;
      this.#lineFrom = this.#next;
      this.#line = null;
    }
    this.#count(bytes);
  }

  write(bytes: Uint8Array): Promise<void> {
    const head = this.#own.length === 0 ? 0 : bytes.lastIndexOf(LINE_END) + 1;
    if (head === 0) return this.#put(bytes);
    const begun = this.#put(bytes.subarray(0, head));
    this.#putOwn();
    return Promise.all([begun, this.#put(bytes.subarray(head))]).then(() => {});
  }

  /**
   * Writes `instep: <words>` as a line of its own: what Instep has to say of the command. It tears no line: where the command is in
   * the middle of one, it waits for its end, but not for long, unless there is `time`. Of the words, only what is one printable line is
   * kept. Secrets have to be masked before.
   */
  say(words: string, time: "soon" | "time" = "soon"): void {
    this.#own.push(Buffer.from(`instep: ${printable(words, OWN_CHARACTERS)}\n`));
    if (!this.#isInLine) return this.#putOwn();
    if (time === "time" || this.#isOwnDue) return;
    this.#isOwnDue = true;
    this.#cancelOwn = this.#clock.after(OPEN_LINE_MS, () => this.#putOwn());
  }

  finish(): Promise<void> {
    this.#putOwn();
    return this.#sink.finish();
  }

  /**
   * For bytes that are about to be written: the line that begins behind so many of their line ends, or behind the last; behind
   * none, the line at work. To be asked for more and more of them.
   */
  placesIn(bytes: Uint8Array): (lineEnds: number) => ErrorLine {
    const [begin, line] = [this.#next, this.#line];
    const own = [...this.#own];
    let offset = this.#lineFrom;
    let ends = 0;
    let next = bytes.indexOf(LINE_END);
    return (lineEnds) => {
      while (next !== -1 && ends < lineEnds) {
        ends += 1;
        offset = begin + next + 1;
        next = bytes.indexOf(LINE_END, next + 1);
        // `write` puts them there.
        if (next !== -1) continue;
        offset += Buffer.concat(own).length;
        ends += own.length;
      }
      return { offset, ...(line !== null && { line: line + ends }) };
    };
  }

  get #isInLine(): boolean {
    return this.#next > this.#lineFrom;
  }

  #putOwn(): void {
    this.#cancelOwn();
    this.#isOwnDue = false;
    const own = this.#own.splice(0);
    if (own.length === 0) return;
    const bytes = Buffer.concat(this.#isInLine ? [NEW_LINE, ...own] : own);
    if (this.onOwn(this.#next, bytes.length)) void this.#put(bytes);
  }

  #put(bytes: Uint8Array): Promise<void> {
    this.#count(bytes);
    return this.#sink.write(bytes);
  }

  #count(bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(LINE_END) + 1;
    if (end > 0) {
      this.#lineFrom = this.#next + end;
      if (this.#line !== null) this.#line += lineEndsIn(bytes);
    }
    this.#next += bytes.length;
  }
}

function lineEndsIn(bytes: Uint8Array): number {
  let ends = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) ends += 1;
  return ends;
}
