/**
 * Reads what a program printed for a terminal: plain text, the few controls that matter, and escape sequences set apart from
 * both. One pass, whatever comes, and cut anywhere: a sequence may begin in one piece and end in the next.
 */
import { EscapeReader, PART } from "./escapeReader.js";

export interface TerminalSink {
  /** A run without control characters but tabs; no character of it is cut. */
  text(run: string): void;
  control(code: "\n" | "\r" | "\b"): void;
  /** A control sequence, `ESC [ <parameters> <final>`. */
  sequence?(final: string, parameters: string): void;
  /** A short sequence, `ESC <final>`; of all others nobody is told. */
  escape?(final: string): void;
  /** The text of an operating system command, `ESC ] <text> BEL`: a title, or a link. */
  command?(text: string): void;
}

export interface TerminalReader {
  write(text: string): void;
  /** True where the last sequence or character has not come whole. */
  readonly isWithin: boolean;
}

/** Control characters, and those that turn the reading direction of what stands around them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const SPECIAL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const COMMAND_START = "]";
const HIGH_SURROGATE = /[\ud800-\udbff]$/;

export function createTerminalReader(sink: TerminalSink): TerminalReader {
  const escapes = new EscapeReader();
  /** Gathered only where somebody wants it; null for the strings that are no commands. */
  let command: string | null = null;
  /** Half of a character: the other half comes next. */
  let half = "";

  const special = (char: string) => {
    if (char === "\n" || char === "\r" || char === "\b") sink.control(char);
  };

  /** Returns false where the character ended the sequence without being a part of it. */
  const within = (char: string): boolean => {
    switch (escapes.read(char.charCodeAt(0))) {
      case PART.text:
        return false;
      case PART.inside:
        if (char === COMMAND_START) command = sink.command ? "" : null;
        else if (!escapes.isCommand) command = null;
        return true;
      case PART.content:
        if (command !== null) command += char;
        return true;
      case PART.final:
        sink.sequence?.(char, escapes.parameters);
        return true;
      case PART.escape:
        sink.escape?.(char);
        return true;
      case PART.stringEnd:
        if (command !== null) sink.command?.(command);
        return true;
    }
  };

  return {
    get isWithin() {
      return half !== "" || !escapes.isInText;
    },
    write(written) {
      let text = half + written;
      half = HIGH_SURROGATE.exec(text)?.[0] ?? "";
      if (half !== "") text = text.slice(0, -1);
      for (let at = 0; at < text.length; ) {
        if (!escapes.isInText) {
          // A character that ended a sequence without being a part of it is looked at once more, by itself.
          if (within(text[at]!)) at += 1;
          continue;
        }
        SPECIAL.lastIndex = at;
        const found = SPECIAL.exec(text)?.index ?? text.length;
        if (found > at) sink.text(text.slice(at, found));
        if (found < text.length && escapes.read(text.charCodeAt(found)) === PART.text)
          special(text[found]!);
        at = found + 1;
      }
    },
  };
}
