/** An attempt's output on its way to be kept, with the place of every line in it. */
import type { ErrorLine } from "../../shared/workflow.js";
import type { OutputSink } from "./reporter.js";

const LINE_END = 10;

export class PlacedOutput implements OutputSink {
  readonly #sink: OutputSink;
  #next: number;
  /** Where the line begins that is being written. */
  #lineFrom: number;
  /** Its number from 1; null where nobody counted what was printed before. */
  #line: number | null;

  constructor(sink: OutputSink) {
    this.#sink = sink;
    this.#next = sink.begin;
    this.#lineFrom = sink.begin;
    this.#line = sink.begin === 0 ? 1 : null;
  }

  get begin(): number {
    return this.#sink.begin;
  }

  write(bytes: Uint8Array): Promise<void> {
    const { offset, line } = this.placesIn(bytes)(Number.POSITIVE_INFINITY);
    this.#lineFrom = offset;
    this.#line = line ?? null;
    this.#next += bytes.length;
    return this.#sink.write(bytes);
  }

  finish(): Promise<void> {
    return this.#sink.finish();
  }

  /**
   * For bytes that are about to be written: the line that begins behind so many of their line ends, or behind the last; behind
   * none, the line at work. To be asked for more and more of them.
   */
  placesIn(bytes: Uint8Array): (lineEnds: number) => ErrorLine {
    const [begin, line] = [this.#next, this.#line];
    let offset = this.#lineFrom;
    let ends = 0;
    let next = bytes.indexOf(LINE_END);
    return (lineEnds) => {
      while (next !== -1 && ends < lineEnds) {
        ends += 1;
        offset = begin + next + 1;
        next = bytes.indexOf(LINE_END, next + 1);
      }
      return { offset, ...(line !== null && { line: line + ends }) };
    };
  }
}
