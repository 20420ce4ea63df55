/** Reads the text that a command wrote to `$INSTEP_OUTPUT`: `name=value` lines, and values of several lines between two marks. Pure. */
import { isUtf8 } from "node:buffer";
import { whyNoOutputName } from "../../../../shared/state/stepOutputs.js";

/** Hears of them in the order in which they stand there. */
export interface WrittenListener {
  output(name: string, value: string): void;
  /** The end of a sentence about the file; nothing of a value is in it. */
  problem(what: string): void;
}

const LINE_FEED = 10;
const RETURN = 13;

/** Takes any bytes: each output that can be used is told, and each line that cannot is a problem by itself. With `isCut` the end of the text is missing. */
export function readOutputText(bytes: Buffer, listener: WrittenListener, isCut = false): void {
  const lines = linesOf(bytes);
  // Nobody knows the rest of a line that was cut.
  if (isCut) lines.pop();
  for (let at = 0; at < lines.length; at++) {
    const complain = (what: string) => listener.problem(`line ${at + 1}: ${what}`);
    const head = textOf(lines[at]!);
    if (head === null) complain("it is not UTF-8 text");
    if (head === null || head.trim() === "") continue;
    const [, name = "", sign, rest = ""] = /^\s*([^=<]*?)(=|<<)(.*)$/s.exec(head) ?? [];
    const why = sign === undefined ? "it is no name=value" : whyNoOutputName(name);
    if (sign !== "<<") {
      if (why === null) listener.output(name, rest);
      else complain(sign === undefined ? why : `the name ${why}`);
      continue;
    }
    const mark = rest.trim();
    const end = mark === "" ? -1 : endOf(lines, at + 1, mark);
    if (end === -1) {
      complain(
        mark === "" ? "no mark stands behind <<" : "the mark that ends the value is missing",
      );
      // The lines of the value are no outputs of their own.
      return;
    }
    const value = lines.slice(at + 1, end).map(textOf);
    if (why !== null) complain(`the name ${why}`);
    else if (value.includes(null)) complain("the value is not UTF-8 text");
    else listener.output(name, value.join("\n"));
    at = end;
  }
}

function endOf(lines: readonly Buffer[], from: number, mark: string): number {
  for (let at = from; at < lines.length; at++) if (textOf(lines[at]!) === mark) return at;
  return -1;
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  if (from < bytes.length) lines.push(bytes.subarray(from));
  return lines;
}

/** Without the carriage return of a line from elsewhere; null where it is no UTF-8. */
function textOf(line: Buffer): string | null {
  const bare = line.at(-1) === RETURN ? line.subarray(0, -1) : line;
  return isUtf8(bare) ? bare.toString() : null;
}
