/** Prints output with the time before each line at which it began. */
import type { Asking } from "../../../client/restClient.js";
import type { Moment } from "../../../shared/logTimes.js";
import type { CliContext } from "../context.js";
import { createWriting, type LogPrinter, leftOut, type OutputOf } from "../logPrinter.js";
import { type Aside, createAside } from "./aside.js";
import { createLineCutter } from "./lineCutter.js";
import { createPainter } from "./terminalPainter.js";
import { createTimedOutput, type TimedBytes } from "./timedOutput.js";

export function createTimedPrinter(
  of: OutputOf,
  client: Asking,
  context: Pick<CliContext, "stdout" | "env">,
): LogPrinter {
  const { stdout } = context;
  const aside = stdout.isTTY ? createAside(context) : null;
  const painter = aside && createPainter(context, aside);
  const output = createTimedOutput(of, client);
  const writing = createWriting(stdout);
  const cutter = createLineCutter();
  let decoder = new TextDecoder();
  let place = "";

  /** Another attempt, or another step, does not go on with a line. */
  const goTo = (next: string) => {
    if (next === place) return;
    if (painter) painter.breakOff();
    else if (cutter.isWithin) stdout.write("\n");
    cutter.breakOff();
    decoder = new TextDecoder();
    place = next;
  };
  const print = (step: number, { attempt, from, bytes, times }: TimedBytes) => {
    goTo(`${step} ${attempt}`);
    for (const part of cutter.parts(bytes, from, times)) {
      const before = part.begins ? `${stamp(part.at, aside)} ` : "";
      if (painter) {
        if (before !== "") painter.begins(before);
        painter.write(decoder.decode(part.bytes, { stream: true }));
      } else {
        if (before !== "") stdout.write(before);
        stdout.write(part.bytes);
      }
    }
  };

  return {
    piece(step, piece) {
      writing.later(piece.next - piece.from, async () => {
        if (piece.skipped > 0) {
          goTo("");
          stdout.write(leftOut(piece));
        }
        print(step, await output.ofPiece(step, piece));
      });
    },
    bytes(step, read) {
      writing.later(read.bytes.length, async () => print(step, await output.ofRead(step, read)));
    },
    heading(text) {
      if (!aside) return;
      writing.later(text.length, () => {
        goTo("");
        stdout.write(`${aside.painted(text)}\n`);
      });
    },
    get isFull() {
      return writing.isFull;
    },
    caughtUp: writing.caughtUp,
    async finish() {
      await writing.caughtUp();
      painter?.breakOff();
      if (aside) stdout.write(aside.end);
    },
  };
}

/** As REST writes it; in a terminal it stands back. */
function stamp(at: Moment, aside: Aside | null): string {
  const text = at === null ? "-" : new Date(at).toISOString();
  return aside ? aside.painted(text) : text;
}
