/** The frame of a printer of text: headings, lines and their end, the same with and without times. */
import type { CliContext } from "../../process/context.js";
import { type Aside, createAside } from "./aside.js";
import { createLineWriter, type LineWriter } from "./lineWriter.js";
import { createWriting, type LogPrinter } from "./printer.js";
import { createPainter, type TerminalPainter } from "./terminalPainter.js";

export interface PrinterFrame {
  readonly writing: ReturnType<typeof createWriting>;
  readonly lines: LineWriter;
  /** Null where no person looks. */
  readonly aside: Aside | null;
  readonly painter: TerminalPainter | null;
  /** A prefix as it stands before a line. */
  before(prefix: string): string;
}

export function createFrame(context: Pick<CliContext, "stdout" | "env">): PrinterFrame {
  const { stdout } = context;
  const aside = stdout.isTTY ? createAside(context) : null;
  const painter = aside && createPainter(context, aside);
  const writing = createWriting(stdout);
  const lines = createLineWriter(stdout, painter);
  return {
    writing,
    lines,
    aside,
    painter,
    before: (prefix) => (prefix === "" || !aside ? prefix : aside.painted(prefix)),
  };
}

/** The printer whose output these write; headings, waiting and the end are the frame's. */
export function printerIn(
  context: Pick<CliContext, "stdout">,
  { aside, painter, lines, writing }: PrinterFrame,
  output: Pick<LogPrinter, "piece" | "bytes">,
): LogPrinter {
  const { stdout } = context;
  return {
    ...output,
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
