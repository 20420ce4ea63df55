/** Prints output with the time before each line at which it began. */
import type { Asking } from "../../../../client/live/restClient.js";
import type { Moment } from "../../../../shared/wire/logTimes.js";
import type { CliContext } from "../../process/context.js";
import type { Aside } from "./aside.js";
import { createFrame, printerIn } from "./frame.js";
import { type LogPrinter, leftOut, type OutputOf } from "./printer.js";
import { createTimedOutput, type TimedBytes } from "./timedOutput.js";

export function createTimedPrinter(
  of: OutputOf,
  client: Asking,
  context: Pick<CliContext, "stdout" | "env">,
): LogPrinter {
  const { stdout } = context;
  const frame = createFrame(context);
  const { aside, lines, writing } = frame;
  const output = createTimedOutput(of, client);

  const print = (step: number, prefix: string, output: TimedBytes) => {
    lines.goTo(`${step} ${output.attempt}`);
    lines.write(output, (at) => `${stamp(at, aside)} ${frame.before(prefix)}`);
  };

  return printerIn(context, frame, {
    piece(step, piece, prefix = "") {
      writing.later(piece.next - piece.from, async () => {
        if (piece.skipped > 0) {
          lines.goTo("");
          stdout.write(prefix + leftOut(piece));
        }
        print(step, prefix, await output.ofPiece(step, piece));
      });
    },
    bytes(step, read) {
      writing.later(read.bytes.length, async () =>
        print(step, "", await output.ofRead(step, read)),
      );
    },
  });
}

/** As REST writes it; in a terminal it stands back. */
function stamp(at: Moment, aside: Aside | null): string {
  const text = at === null ? "-" : new Date(at).toISOString();
  return aside ? aside.painted(text) : text;
}
