/**
 * The escape sequences of terminals (ECMA-48), character by character: what is text, and what is part of a sequence. Knows
 * nothing of what they do. A sequence may begin in one piece and end in the next.
 */

export const PART = {
  /** No part of a sequence; a control character may be one of text. */
  text: 0,
  /** Of a sequence that is not over, or of one that nobody needs to know more of. */
  inside: 1,
  /** What a title or a link holds. */
  content: 2,
  /** The end of a control sequence, `ESC [ <parameters> <this>`. */
  final: 3,
  /** The end of a string such as a title. */
  stringEnd: 4,
} as const;
export type Part = (typeof PART)[keyof typeof PART];

/** Longer ones are no sequences, but noise. */
const LONGEST_PARAMETERS = 64;
/** One that does not end must not swallow the rest of the output. */
const LONGEST_STRING = 4_096;

const BEL = 0x07;
const LINE_FEED = 0x0a;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
const CSI = 0x9b;
const STRING_END = 0x9c;

export class EscapeReader {
  #state: "text" | "escape" | "sequence" | "string" | "string escape" = "text";
  #length = 0;

  get isInText(): boolean {
    return this.#state === "text";
  }

  /** What a character is, by its code; the 8-bit controls are 0x80 to 0x9f. */
  read(code: number): Part {
    switch (this.#state) {
      case "text":
        return this.#inText(code);
      case "escape":
        return this.#inEscape(code);
      case "sequence":
        return this.#inSequence(code);
      case "string":
        return this.#inString(code);
      case "string escape":
        if (code === BACKSLASH) {
          this.#state = "text";
          return PART.stringEnd;
        }
        return this.#inEscape(code);
    }
  }

  #begin(state: "escape" | "sequence" | "string"): Part {
    this.#state = state;
    this.#length = 0;
    return PART.inside;
  }

  #inText(code: number): Part {
    if (code === ESC) return this.#begin("escape");
    if (code < 0x80 || code > 0x9f) return PART.text;
    if (code === CSI) return this.#begin("sequence");
    const isString = code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f);
    return isString ? this.#begin("string") : PART.text;
  }

  #inEscape(code: number): Part {
    this.#state = "escape";
    // A character set: its name comes next.
    if (code >= 0x20 && code <= 0x2f) return PART.inside;
    if (code === 0x5b) return this.#begin("sequence");
    // DCS, SOS, OSC, PM, APC.
    if (code === 0x50 || code === 0x58 || (code >= 0x5d && code <= 0x5f))
      return this.#begin("string");
    this.#state = "text";
    return code >= 0x30 && code <= 0x7e ? PART.inside : this.#inText(code);
  }

  #inSequence(code: number): Part {
    if (code >= 0x20 && code <= 0x3f && this.#length < LONGEST_PARAMETERS) {
      this.#length += 1;
      return PART.inside;
    }
    this.#state = "text";
    return code >= 0x40 && code <= 0x7e ? PART.final : this.#inText(code);
  }

  #inString(code: number): Part {
    this.#length += 1;
    if (code === ESC) {
      this.#state = "string escape";
      return PART.inside;
    }
    if (code !== BEL && code !== STRING_END && code !== LINE_FEED && this.#length <= LONGEST_STRING)
      return PART.content;
    this.#state = "text";
    return code === LINE_FEED ? PART.text : PART.stringEnd;
  }
}
