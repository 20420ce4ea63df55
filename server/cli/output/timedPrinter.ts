/** Prints output with the time before each line at which it began. */
import type { Asking } from "../../../client/restClient.js";
import type { Moment } from "../../../shared/logTimes.js";
import type { CliContext } from "../context.js";
import { createSafeText, createWriting, type LogPrinter, type OutputOf } from "../logPrinter.js";
import { createLineCutter } from "./lineCutter.js";
import { createTimedOutput, type TimedBytes } from "./timedOutput.js";

const RESET = "\u001b[0m";

export function createTimedPrinter(
  of: OutputOf,
  client: Asking,
  { stdout }: Pick<CliContext, "stdout">,
): LogPrinter {
  const output = createTimedOutput(of, client);
  const writing = createWriting(stdout);
  const cutter = createLineCutter();
  const safe = createSafeText();
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
      if (part.begins) stdout.write(stamp(part.at, stdout.isTTY));
      const text = stdout.isTTY ? safe.clean(decoder.decode(part.bytes, { stream: true })) : null;
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
      if (!stdout.isTTY) return;
      writing.later(text.length, () => {
        goTo("");
        stdout.write(`${RESET}\u001b[2m${text}${RESET}\n`);
      });
    },
    get isFull() {
      return writing.isFull;
    },
    caughtUp: writing.caughtUp,
    async finish() {
      await writing.caughtUp();
      if (stdout.isTTY) stdout.write(RESET);
    },
  };
}

/** As REST writes it; in a terminal it stands back, whatever colour the line before left. */
function stamp(at: Moment, isTTY: boolean): string {
  const text = at === null ? "-" : new Date(at).toISOString();
  return isTTY ? `${RESET}\u001b[2m${text}${RESET} ` : `${text} `;
}
