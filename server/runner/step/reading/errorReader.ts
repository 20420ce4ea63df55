/** Looks for the line of a command's output that says why it failed, while it is printed. Bounded, whatever comes. */
import { ErrorFinder, type FoundError } from "../../../../shared/errorLines/errorFinder.js";
import { spokenLine } from "../../../../shared/markers.js";
import type { ErrorLine } from "../../../../shared/schema/workflow.js";
import { printable } from "../../../../shared/text/printable.js";
import type { PlacedOutput } from "../../report/placedOutput.js";

/** A longer line is looked at only in its beginning; a marker may be so long. */
const LINE_CHARACTERS = 4_096;
const JUDGED_CHARACTERS = 1_000;
/** The shell that becomes the command says so of one that is not there. */
const OUR_SHELL = /^instep: (?:line )?\d+: exec: /;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what has to be cleaned has some of these
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

export interface ErrorWords {
  /** Said to us, by `::error::`: the last counts. */
  readonly said: FoundError<ErrorLine> | null;
  /** The line that looks like the error. */
  readonly printed: FoundError<ErrorLine> | null;
}

export interface ErrorReader {
  /** Text cut anywhere, with its bytes before they are written to the output. */
  add(text: string, bytes: Uint8Array): void;
  /** Once the command has ended: a last line may lack its end. */
  end(): ErrorWords;
}

interface OpenLine {
  text: string;
  place: ErrorLine;
}

export function createErrorReader(output: Pick<PlacedOutput, "placesIn">): ErrorReader {
  const finder = new ErrorFinder<ErrorLine>();
  let said: FoundError<ErrorLine> | null = null;
  let open: OpenLine | null = null;

  const look = (line: string, place: () => ErrorLine) => {
    const { marker } = spokenLine(line);
    if (marker?.kind === "error") said = { text: marker.text, place: place() };
    if (marker) return;
    const near = line.length > JUDGED_CHARACTERS ? line.slice(0, JUDGED_CHARACTERS) : line;
    finder.line(CONTROL.test(near) ? printable(near, JUDGED_CHARACTERS) : near, place);
  };

  return {
    add(text, bytes) {
      const lines = text.split("\n");
      const placeBehind = output.placesIn(bytes);
      for (const [lineEnds, line] of lines.entries()) {
        const begun = lineEnds === 0 ? open : null;
        const place = () => begun?.place ?? placeBehind(lineEnds);
        // A progress bar rewrites its line with \r: each writing counts as a line.
        const writings = `${begun?.text ?? ""}${line}`.split("\r");
        const last = writings.pop() ?? "";
        for (const writing of writings) if (writing !== "") look(writing, place);
        const isOpen = lineEnds === lines.length - 1;
        if (!isOpen) look(last, place);
        else if (last === "" && begun === null && line === "") open = null;
        else open = { text: last.slice(0, LINE_CHARACTERS), place: place() };
      }
    },
    end() {
      const last = open;
      if (last?.text) look(last.text, () => last.place);
      const { found } = finder;
      return { said, printed: found && { ...found, text: found.text.replace(OUR_SHELL, "") } };
    },
  };
}
