/** Prints output as it is followed: safe for a terminal where a person looks, byte for byte where a program reads. */
import type { InstepClient, LogPiece } from "../../../../client/index.js";
import type { CliContext } from "../../process/context.js";
import { createFrame, printerIn } from "./frame.js";
import { type LogPrinter, leftOut, type OutputOf, rawBytes } from "./printer.js";

export function createLogPrinter(
  of: OutputOf,
  client: Pick<InstepClient, "rest">,
  context: Pick<CliContext, "stdout" | "env">,
): LogPrinter {
  const { stdout } = context;
  const frame = createFrame(context);
  const { painter, lines } = frame;
  const { later } = frame.writing;
  const { goTo } = lines;

  const prefixed = async (step: number, piece: LogPiece, prefix: string) => {
    const before = frame.before(prefix);
    if (piece.skipped > 0) {
      goTo("");
      stdout.write(before + leftOut(piece));
    }
    const bytes = await rawBytes(of, client, step, piece);
    goTo(`${step} ${piece.attempt}`);
    lines.write({ from: piece.from, bytes, times: [] }, () => before);
  };

  return printerIn(context, frame, {
    piece(step, piece, prefix = "") {
      later(piece.next - piece.from, async () => {
        if (prefix !== "") return prefixed(step, piece, prefix);
        if (!painter) {
          goTo("");
          if (piece.skipped > 0) stdout.write(`\n${leftOut(piece)}`);
          return stdout.write(await rawBytes(of, client, step, piece));
        }
        if (piece.skipped > 0) {
          goTo("");
          stdout.write(leftOut(piece));
        }
        goTo(`${step} ${piece.attempt}`);
        painter.write(piece.text);
      });
    },
    bytes(step, { attempt, bytes }) {
      later(bytes.length, () => {
        if (!painter) return stdout.write(bytes);
        goTo(`${step} ${attempt}`);
        painter.write(new TextDecoder().decode(bytes));
      });
    },
  });
}
