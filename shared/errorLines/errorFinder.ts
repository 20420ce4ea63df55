/** Finds among all lines that are printed the one that says why it failed. Line by line, with a bounded memory of what came before. Pure. */

import { shortened } from "../text/shortened.js";
import { bareLine, type JudgedLine, judgeLine } from "./errorLines.js";

export interface FoundError<Place> {
  /** One line, without what other tools put in front of it. */
  readonly text: string;
  readonly place: Place;
}

interface Candidate<Place> {
  text: string;
  readonly place: Place;
  readonly judged: JudgedLine;
  /** The number of the last line that belonged to it. */
  lastAt: number;
  /** How many ordinary lines came before `lastAt`. */
  ordinary: number;
}

const MOST_CHARACTERS = 300;
/** Errors of one tool that goes on after each belong together as long as no more lines than this stand between two. */
const MANY_WITHIN = 400;
/** A line that only has the words of an error is taken for the reason over an earlier statement only among the last lines, so far behind it. */
const WORDS_WITHIN = 2;
const ORDINARY_BETWEEN = 5;

const TRACEBACK = /Traceback \(most recent call last\):$/;
const THROWN = /^[A-Za-z_][\w.]*(?:: |:?$)/;
/** Between two errors of one cause: what a tool tells of the first, and of where it stands. */
const DETAIL =
  /^(?:\s|$|\d+\s*[|│]|[|│^~})\]]|at |note:|help:|hint:|info:|remote: |For more information|Some errors have|Node\.js v|In file included|\S+: (?:In (?:function|member)|note: )|File ")/;

export class ErrorFinder<Place> {
  readonly #best = new Map<JudgedLine["kind"], Candidate<Place>>();
  #count = 0;
  #ordinary = 0;
  #isTraceback = false;
  /** Says in its next line what it was. */
  #open: Candidate<Place> | null = null;

  /** A whole line without escape sequences. `place` is only asked for where the line may be the one. */
  line(text: string, place: () => Place): void {
    this.#count += 1;
    if (this.#open && text.trim() !== "") this.#goOn(this.#open, text);
    const judged = this.#thrown(text) ?? judgeLine(text);
    if (judged) this.#offer(judged, text, place);
    else if (!DETAIL.test(text)) this.#ordinary += 1;
  }

  /** Null where nothing looked like an error. */
  get found(): FoundError<Place> | null {
    const said = this.#best.get("statement");
    const words = this.#best.get("words");
    const isLater =
      said !== undefined &&
      words !== undefined &&
      this.#count - words.lastAt < WORDS_WITHIN &&
      words.ordinary - said.ordinary >= ORDINARY_BETWEEN;
    const best =
      (isLater ? words : said) ??
      words ??
      this.#best.get("consequence") ??
      this.#best.get("survived");
    return best ? { text: best.text, place: best.place } : null;
  }

  /** The sentence at the end of a traceback, whatever its exception is called. */
  #thrown(text: string): JudgedLine | null {
    if (TRACEBACK.test(text)) {
      this.#isTraceback = true;
      // An exception that is thrown while another one is dealt with is the one that ends the program.
      this.#ordinary += 1;
      return null;
    }
    if (!this.#isTraceback || /^\s|^$/.test(text)) return null;
    this.#isTraceback = false;
    return THROWN.test(text) ? { kind: "statement", form: "thrown" } : null;
  }

  #goOn(open: Candidate<Place>, text: string): void {
    this.#open = null;
    open.text = sentence(`${open.text.replace(/:?$/, ":")} ${bareLine(text)}`);
    open.lastAt = this.#count;
  }

  #offer(judged: JudgedLine, text: string, place: () => Place): void {
    const { kind, form, isOfMany = false, goesOn = false } = judged;
    if (kind === "warning") return;
    const known = this.#best.get(kind);
    const isSameMany = isOfMany && known?.judged.form === form;
    const isSameBlock = known?.ordinary === this.#ordinary;
    if (known && (isSameBlock || (isSameMany && this.#count - known.lastAt <= MANY_WITHIN))) {
      known.lastAt = this.#count;
      known.ordinary = this.#ordinary;
      return;
    }
    const candidate: Candidate<Place> = {
      text: sentence(bareLine(text)),
      place: place(),
      judged,
      lastAt: this.#count,
      ordinary: this.#ordinary,
    };
    this.#best.set(kind, candidate);
    this.#open = goesOn ? candidate : null;
  }
}

const sentence = (text: string): string =>
  shortened(text.replace(/^(?:E {3,}|::error::)/, "").trim(), MOST_CHARACTERS);
