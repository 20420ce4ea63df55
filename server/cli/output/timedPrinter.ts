/** Prints output with the time before each line at which it began. */
import type { Asking } from "../../../client/restClient.js";
import type { Moment } from "../../../shared/logTimes.js";
import type { CliContext } from "../context.js";
import { createSafeText, createWriting, type LogPrinter, type OutputOf } from "../logPrinter.js";
import { type Aside, createAside } from "./aside.js";
import { createLineCutter } from "./lineCutter.js";
import { createTimedOutput, type TimedBytes } from "./timedOutput.js";

export function createTimedPrinter(
  of: OutputOf,
  client: Asking,
  context: Pick<CliContext, "stdout" | "env">,
): LogPrinter {
  const { stdout } = context;
  const aside = stdout.isTTY ? createAside(context) : null;
  const safe = aside && createSafeText(aside);
  const output = createTimedOutput(of, client);
  const writing = createWriting(stdout);
  const cutter = createLineCutter();
  let decoder = new TextDecoder();
  let place = "";

  /** Another attempt, or another step, does not go on with a line. */
  const goTo = (next: string) => {
    if (next !== place && cutter.isWithin) {
      stdout.write("\n");
      cutter.breakOff();
    }
    if (next !== place) decoder = new TextDecoder();
    place = next;
  };
  const print = (step: number, { attempt, from, bytes, times }: TimedBytes) => {
    goTo(`${step} ${attempt}`);
    for (const part of cutter.parts(bytes, from, times)) {
      if (part.begins) stdout.write(`${stamp(part.at, aside)} `);
      const text = safe?.clean(decoder.decode(part.bytes, { stream: true }));
      stdout.write(text ?? part.bytes);
    }
  };

  return {
    piece(step, piece) {
      writing.later(piece.next - piece.from, async () => {
        if (piece.skipped > 0) {
          goTo("");
          stdout.write(`[instep: ${piece.skipped} bytes left out]\n`);
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
      if (aside) stdout.write(aside.end);
    },
  };
}

/** As REST writes it; in a terminal it stands back. */
function stamp(at: Moment, aside: Aside | null): string {
  const text = at === null ? "-" : new Date(at).toISOString();
  return aside ? aside.painted(text) : text;
}
