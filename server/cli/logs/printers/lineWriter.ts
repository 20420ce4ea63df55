/** Writes output line by line, with something of our own before each: in a terminal painted, elsewhere byte for byte. */
import type { LogTimes, Moment } from "../../../../shared/wire/logTimes.js";
import type { CliContext } from "../../process/context.js";
import { createLineCutter } from "./lineCutter.js";
import type { TerminalPainter } from "./terminalPainter.js";

export interface LineWriter {
  /** Another attempt, or another step, does not go on with a line. */
  goTo(place: string): void;
  /** `before` is for a line that began then. */
  write(
    output: { readonly from: number; readonly bytes: Uint8Array; readonly times: LogTimes },
    before: (at: Moment) => string,
  ): void;
}

export function createLineWriter(
  stdout: CliContext["stdout"],
  painter: TerminalPainter | null,
): LineWriter {
  const cutter = createLineCutter();
  let decoder = new TextDecoder();
  let place = "";
  return {
    goTo(next) {
      if (next === place) return;
      if (painter) painter.breakOff();
      else if (cutter.isWithin) stdout.write("\n");
      cutter.breakOff();
      decoder = new TextDecoder();
      place = next;
    },
    write({ from, bytes, times }, before) {
      for (const part of cutter.parts(bytes, from, times)) {
        const start = part.begins ? before(part.at) : "";
        if (painter) {
          if (start !== "") painter.begins(start);
          painter.write(decoder.decode(part.bytes, { stream: true }));
        } else {
          if (start !== "") stdout.write(start);
          stdout.write(part.bytes);
        }
      }
    },
  };
}
