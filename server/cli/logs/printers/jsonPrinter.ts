/** Prints output as JSON, one object a line of it. */

import type { Asking } from "../../../../client/live/restClient.js";
import type { Moment } from "../../../../shared/wire/logTimes.js";
import type { CliContext } from "../../process/context.js";
import { jsonLine } from "../../text/jsonLine.js";
import { createLineCutter } from "./lineCutter.js";
import { createWriting, type LogPrinter, type OutputOf } from "./printer.js";
import { createTimedOutput, type TimedBytes } from "./timedOutput.js";

/** A line without an end is told in parts of about this size. */
const MOST_BYTES_OF_A_LINE = 256 * 1024;

interface OpenLine {
  readonly index: number;
  readonly attempt: number;
  readonly at: Moment;
  readonly parts: Uint8Array[];
  bytes: number;
}

/** `actions`: of the steps, by their indexes. */
export function createJsonPrinter(
  of: OutputOf,
  actions: ReadonlyMap<number, string>,
  client: Asking,
  { stdout }: Pick<CliContext, "stdout">,
): LogPrinter {
  const output = createTimedOutput(of, client);
  const writing = createWriting(stdout);
  const cutter = createLineCutter();
  let line: OpenLine | null = null;

  const write = (event: object) => stdout.write(jsonLine(event));
  const tell = (isCut: boolean) => {
    if (line === null) return;
    const { index, attempt, at, parts } = line;
    const text = new TextDecoder().decode(Buffer.concat(parts)).replace(/\r?\n$/, "");
    const time = at === null ? null : new Date(at).toISOString();
    write({
      type: "output",
      ...{ index, action: actions.get(index), attempt, at: time, text },
      ...(isCut && { goes_on: true }),
    });
    line = null;
  };
  const goTo = (index: number, attempt: number) => {
    if (line === null || (line.index === index && line.attempt === attempt)) return;
    tell(false);
    cutter.breakOff();
  };
  const take = (index: number, { attempt, from, bytes, times }: TimedBytes) => {
    goTo(index, attempt);
    for (const part of cutter.parts(bytes, from, times)) {
      line ??= { index, attempt, at: part.at, parts: [], bytes: 0 };
      line.parts.push(part.bytes);
      line.bytes += part.bytes.length;
      if (part.ends) tell(false);
      else if (line.bytes > MOST_BYTES_OF_A_LINE) tell(true);
    }
  };

  return {
    piece(step, piece) {
      writing.later(piece.next - piece.from, async () => {
        const { skipped, attempt } = piece;
        if (skipped > 0) {
          goTo(-1, attempt);
          write({
            type: "left_out",
            index: step,
            action: actions.get(step),
            attempt,
            bytes: skipped,
          });
        }
        take(step, await output.ofPiece(step, piece));
      });
    },
    bytes(step, read) {
      writing.later(read.bytes.length, async () => take(step, await output.ofRead(step, read)));
    },
    heading() {},
    get isFull() {
      return writing.isFull;
    },
    caughtUp: writing.caughtUp,
    async finish() {
      await writing.caughtUp();
      tell(false);
    },
  };
}
