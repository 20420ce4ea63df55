/** Prints output with the time before each line at which it began. */
import type { Asking } from "../../../../client/live/restClient.js";
import type { Moment } from "../../../../shared/wire/logTimes.js";
import type { CliContext } from "../../process/context.js";
import { type Aside, createAside } from "./aside.js";
import { createLineWriter } from "./lineWriter.js";
import { createWriting, type LogPrinter, leftOut, type OutputOf } from "./logPrinter.js";
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
  const lines = createLineWriter(stdout, painter);

  const print = (step: number, prefix: string, output: TimedBytes) => {
    lines.goTo(`${step} ${output.attempt}`);
    lines.write(
      output,
      (at) => `${stamp(at, aside)} ${prefix === "" || !aside ? prefix : aside.painted(prefix)}`,
    );
  };

  return {
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
    heading(text) {
      if (!aside) return;
      writing.later(text.length, () => {
        lines.goTo("");
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
