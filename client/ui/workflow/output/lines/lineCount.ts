/** Knows the number of a line in the whole output: from its start, or counted by reading the bytes before. */
import { FIRST_LINE, type LineStart, type LogParts, type Walked } from "../bytes/logBytes.js";
import { FAR, isStart, type OutputLine } from "./outputLines.js";

/** More than this is read only when somebody asks for a number. */
const UNASKED_BYTES = 8 * 1024 * 1024;

/** "countable": at the cost of reading all that stands before. */
export type CountState = "known" | "countable" | "counting" | "none";

export class LineCount {
  base: number | null = null;
  readonly #parts: Pick<LogParts, "walk">;
  readonly #counted: () => void;
  /** The furthest place that was ever counted to. */
  #known: LineStart = FIRST_LINE;
  /** From here on there are no numbers: something before is missing. */
  #limit = Number.POSITIVE_INFINITY;
  #isCounting = false;
  #hasFailed = false;
  #generation = 0;

  constructor(parts: Pick<LogParts, "walk">, counted: () => void) {
    this.#parts = parts;
    this.#counted = counted;
  }

  numberOf(line: Pick<OutputLine, "line">): number | null {
    return numberOf(line, this.base);
  }

  knows({ line }: Pick<OutputLine, "line">, number: number): void {
    this.base = number - line;
  }

  /** The output begins with this line. */
  begins(first: OutputLine | null): void {
    if (first) this.knows(first, FIRST_LINE.line);
  }

  /** Other lines are counted from now on. */
  forget(): void {
    this.base = null;
    this.#generation += 1;
  }

  /** `until`: what is behind it was not told of yet. */
  async walkTo(line: number, until: number): Promise<Walked> {
    const from = this.#known.line <= line ? this.#known : FIRST_LINE;
    const walked = await this.#parts.walk(from, { line, offset: until });
    this.#remember(walked);
    return { ...walked, isThere: walked.isThere && walked.offset < until };
  }

  stateFor(first: OutputLine | null): CountState {
    if (this.base !== null) return "known";
    if (this.#isCounting) return "counting";
    if (!first || !isStart(first) || (first.offset ?? 0) >= this.#limit) return "none";
    return "countable";
  }

  /** Nothing happens where the numbers are known, cannot be, or cost more than was `asked` for. */
  start(first: OutputLine | null, isAsked: boolean): void {
    if (!first || this.stateFor(first) !== "countable") return;
    const offset = first.offset ?? 0;
    const from = this.#known.offset <= offset ? this.#known : FIRST_LINE;
    const isTooMuch = offset - from.offset > UNASKED_BYTES || this.#hasFailed;
    if (isTooMuch && !isAsked) return;
    void this.#countTo(first, offset, from);
  }

  async #countTo(first: OutputLine, offset: number, from: LineStart): Promise<void> {
    const generation = this.#generation;
    this.#isCounting = true;
    try {
      const walked = await this.#parts.walk(from, { offset });
      this.#remember(walked);
      if (!walked.isThere) this.#limit = Math.min(this.#limit, offset);
      else if (generation === this.#generation && this.base === null)
        this.knows(first, walked.line);
    } catch {
      this.#hasFailed = true;
    }
    this.#isCounting = false;
    this.#counted();
  }

  #remember({ line, offset }: Walked): void {
    if (offset > this.#known.offset) this.#known = { line, offset };
  }
}

/** Null where nobody counted, and behind something that is missing. */
export function numberOf({ line }: Pick<OutputLine, "line">, base: number | null): number | null {
  if (base === null) return null;
  const number = base + line;
  return number >= 1 && number < FAR / 2 ? number : null;
}

/** For a reader who asked for a line behind the last. */
export function noLine(wanted: number, last: number): string {
  const lines = `${last.toLocaleString("en")} ${last === 1 ? "line" : "lines"}`;
  return `Line ${wanted.toLocaleString("en")} is not there: ${lines} can be counted from the start.`;
}
