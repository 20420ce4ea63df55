/**
 * Reads what a program printed for a terminal: plain text, the few controls that matter, and escape sequences set apart from
 * both. One pass, whatever comes, and cut anywhere: a sequence may begin in one piece and end in the next.
 */

export interface TerminalSink {
  /** A run without control characters but tabs. */
  text(run: string): void;
  control(code: "\n" | "\r" | "\b"): void;
  /** A control sequence, `ESC [ <parameters> <final>`; of all others nobody is told. */
  sequence(final: string, parameters: string): void;
  /** What stands in an operating system command, `ESC ] <text> BEL`: a title, or a link. */
  command?(text: string): void;
}

export interface TerminalReader {
  write(text: string): void;
}

/** Control characters, and those that turn the reading direction of what stands around them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const SPECIAL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Longer sequences are no sequences, but noise. */
const LONGEST_PARAMETERS = 64;
const LONGEST_STRING = 4_096;

const ESC = "\u001b";
const BEL = "\u0007";
const CSI = "\u009b";
const STRING_END = "\u009c";
/** DCS, SOS, OSC, PM, APC: a title, a link, a picture. */
const STRING_STARTS = "PX]^_";
const COMMAND_START_8_BIT = "\u009d";
const STRING_STARTS_8_BIT = "\u0090\u0098\u009d\u009e\u009f";

type State = "text" | "escape" | "sequence" | "string" | "string escape";

export function createTerminalReader(sink: TerminalSink): TerminalReader {
  let state: State = "text";
  let parameters = "";
  let stringLength = 0;
  /** Gathered only where somebody wants it; null for the strings that are no commands. */
  let command: string | null = null;

  const begin = (next: State) => {
    state = next;
    parameters = "";
    stringLength = 0;
    command = null;
  };

  const beginString = (isCommand: boolean) => {
    begin("string");
    if (isCommand && sink.command) command = "";
  };

  const endString = () => {
    state = "text";
    if (command !== null) sink.command?.(command);
  };

  /** What is no part of a sequence. */
  const special = (char: string) => {
    if (char === "\n" || char === "\r" || char === "\b") sink.control(char);
    else if (char === ESC) begin("escape");
    else if (char === CSI) begin("sequence");
    else if (STRING_STARTS_8_BIT.includes(char)) beginString(char === COMMAND_START_8_BIT);
  };

  /** Returns false where the character ended the sequence without being a part of it. */
  const within = (char: string): boolean => {
    switch (state) {
      case "text":
        return false;
      case "escape":
        if (char >= " " && char <= "/") return true; // A character set: its name comes next.
        if (STRING_STARTS.includes(char)) beginString(char === "]");
        else begin(char === "[" ? "sequence" : "text");
        return char >= "0" && char <= "~";
      case "sequence":
        if (char >= " " && char <= "?" && parameters.length < LONGEST_PARAMETERS) {
          parameters += char;
          return true;
        }
        state = "text";
        if (char < "@" || char > "~") return false;
        sink.sequence(char, parameters);
        return true;
      case "string":
        stringLength += 1;
        if (char === ESC) state = "string escape";
        // One that does not end must not swallow the rest of the output.
        else if (char === "\n" || stringLength > LONGEST_STRING) state = "text";
        else if (char === BEL || char === STRING_END) endString();
        else if (command !== null) command += char;
        return char !== "\n";
      case "string escape":
        if (char === "\\") {
          endString();
          return true;
        }
        begin("escape");
        return within(char);
    }
  };

  return {
    write(text) {
      let at = 0;
      while (at < text.length) {
        if (state !== "text") {
          // What ended a sequence without being a part of it is looked at once more, as what it is.
          if (within(text[at]!)) at += 1;
          else if (isSpecial(text[at]!)) special(text[at++]!);
          continue;
        }
        SPECIAL.lastIndex = at;
        const found = SPECIAL.exec(text)?.index ?? text.length;
        if (found > at) sink.text(text.slice(at, found));
        if (found < text.length) special(text[found]!);
        at = found + 1;
      }
    },
  };
}

function isSpecial(char: string): boolean {
  SPECIAL.lastIndex = 0;
  return SPECIAL.test(char);
}
