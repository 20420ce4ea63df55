/**
 * The escape sequences of terminals (ECMA-48), character by character: what is text, and what is part of a sequence. Knows
 * nothing of what they do. A sequence may begin in one piece and end in the next.
 *
 * Only ESC begins one. The 8-bit controls (0x80 to 0x9f) are parts of characters as bytes, and in UTF-8 they come from text that was encoded
 * twice: they steer nothing here.
 */

export const PART = {
  /** No part of a sequence; a control character may be one of text. */
  text: 0,
  /** In the middle of a sequence, or at the end of one that nobody needs to know more of. */
  inside: 1,
  /** Inside a title or a link. */
  content: 2,
  /** The end of a control sequence, `ESC [ <parameters> <this>`. */
  final: 3,
  /** The end of a string such as a title. */
  stringEnd: 4,
  /** The end of a short sequence, `ESC <this>`. */
  escape: 5,
} as const;
export type Part = (typeof PART)[keyof typeof PART];

/** Longer ones are no sequences, but noise. */
const LONGEST_PARAMETERS = 64;
/** One that does not end must not swallow the rest of the output. */
const LONGEST_STRING = 4_096;

const BEL = 0x07;
const LINE_FEED = 0x0a;
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
/** `ESC ]`: a title, or a link. */
const COMMAND_START = 0x5d;

export class EscapeReader {
  /** The parameters of the control sequence that is read, or was read last. */
  parameters = "";
  /** The string that is read, or was read last, is an operating system command. */
  isCommand = false;
  #state: "text" | "escape" | "character set" | "sequence" | "string" | "string escape" = "text";
  #length = 0;

  get isInText(): boolean {
    return this.#state === "text";
  }

  /** The next characters are a part of it, but for the one that ends it. */
  get isInString(): boolean {
    return this.#state === "string";
  }

  /** All that decides how the next characters are read. */
  get place(): string {
    if (this.#state === "text") return "";
    return `${this.#state} ${this.isCommand} ${this.#length} ${this.parameters}`;
  }

  /** Says what a character is, by its code; or a byte, where those from 0x80 on are no different from each other. */
  read(code: number): Part {
    switch (this.#state) {
      case "text":
        return this.#inText(code);
      case "escape":
        return this.#inEscape(code);
      case "character set":
        return this.#inCharacterSet(code);
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

  #inText(code: number): Part {
    this.#state = code === ESC ? "escape" : "text";
    return code === ESC ? PART.inside : PART.text;
  }

  #inEscape(code: number): Part {
    this.#state = "text";
    if (code < 0x20 || code > 0x7e) return this.#inText(code);
    if (code <= 0x2f) this.#state = "character set";
    else if (code === 0x5b) this.#state = "sequence";
    // DCS, SOS, OSC, PM, APC: a title, a link, a picture.
    else if (code === 0x50 || code === 0x58 || (code >= 0x5d && code <= 0x5f))
      this.#state = "string";
    else return PART.escape;
    this.parameters = "";
    this.#length = 0;
    this.isCommand = code === COMMAND_START;
    return PART.inside;
  }

  /** Its name comes next. */
  #inCharacterSet(code: number): Part {
    if (code >= 0x20 && code <= 0x2f) return PART.inside;
    this.#state = "text";
    return code >= 0x30 && code <= 0x7e ? PART.inside : this.#inText(code);
  }

  #inSequence(code: number): Part {
    if (code >= 0x20 && code <= 0x3f && this.#length < LONGEST_PARAMETERS) {
      this.#length += 1;
      this.parameters += String.fromCharCode(code);
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
    const isCutOff = code === LINE_FEED || code === CANCEL || code === SUBSTITUTE;
    if (code !== BEL && !isCutOff && this.#length <= LONGEST_STRING) return PART.content;
    this.#state = "text";
    return isCutOff ? PART.text : PART.stringEnd;
  }
}

/** Text without its sequences; other control characters stay. */
export function withoutSequences(text: string): string {
  let at = text.indexOf("\u001b");
  if (at === -1) return text;
  const reader = new EscapeReader();
  let left = text.slice(0, at);
  for (; at < text.length; at++)
    if (reader.read(text.charCodeAt(at)) === PART.text) left += text[at];
  return left;
}
