/** Prints output as it is followed: safe for a terminal where a person looks, byte for byte where a program reads. */
import type { InstepClient, LogBytes, LogPiece } from "../../client/index.js";
import { createTerminalReader } from "../../client/terminalText.js";
import type { CliContext } from "./context.js";

export interface LogPrinter {
  piece(step: number, piece: LogPiece): void;
  bytes(read: Pick<LogBytes, "bytes">): void;
  /** A line of our own, only where a person looks. */
  heading(text: string): void;
  /** So much waits for whoever reads us that no more is wanted before `caughtUp`. */
  readonly isFull: boolean;
  /** Resolves once what waits now is written. */
  caughtUp(): Promise<void>;
  /** Resolves once all is written. */
  finish(): Promise<void>;
}

const RESET = "\u001b[0m";
const MOST_WAITING_BYTES = 1024 * 1024;

export function createLogPrinter(
  { workflow_id, epoch }: { readonly workflow_id: string; readonly epoch: string },
  client: Pick<InstepClient, "rest">,
  { stdout }: Pick<CliContext, "stdout">,
): LogPrinter {
  const terminal = stdout.isTTY ? createSafeText() : null;
  // What has to be fetched first must not be overtaken.
  let written: Promise<void> = Promise.resolve();
  let waiting = 0;
  const later = (bytes: number, write: () => void | Promise<void>) => {
    waiting += bytes;
    written = written
      .then(write)
      .then(() => stdout.drained())
      .then(() => {
        waiting -= bytes;
      });
  };

  /** The text has U+FFFD where the bytes were no characters: those are had from REST. */
  const rawBytes = async (step: number, { attempt, from, next, text }: LogPiece) => {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length === next - from && !text.includes("\ufffd")) return bytes;
    const raw = client.rest.log(workflow_id, step, { epoch, attempt, from, to: next });
    return raw.then(
      (read) => read.bytes,
      () => bytes,
    );
  };

  return {
    piece(step, piece) {
      later(piece.next - piece.from, async () => {
        if (piece.skipped > 0) stdout.write(`\n[instep: ${piece.skipped} bytes left out]\n`);
        stdout.write(terminal ? terminal.clean(piece.text) : await rawBytes(step, piece));
      });
    },
    bytes({ bytes }) {
      later(bytes.length, () =>
        stdout.write(terminal ? terminal.clean(new TextDecoder().decode(bytes)) : bytes),
      );
    },
    heading(text) {
      if (terminal) later(text.length, () => stdout.write(`${RESET}\u001b[2m${text}${RESET}\n`));
    },
    get isFull() {
      return waiting > MOST_WAITING_BYTES;
    },
    caughtUp: () => written,
    async finish() {
      await written;
      if (terminal) stdout.write(RESET);
    },
  };
}

interface SafeText {
  clean(text: string): string;
}

/** Colours stay; whatever else would steer the terminal goes. */
export function createSafeText(): SafeText {
  let out = "";
  const reader = createTerminalReader({
    text: (run) => {
      out += run;
    },
    control: (code) => {
      if (code !== "\b") out += code;
    },
    sequence: (final, parameters) => {
      if (final === "m" && /^[\d;:]*$/.test(parameters)) out += `\u001b[${parameters}m`;
    },
  });
  return {
    clean(text) {
      reader.write(text);
      const clean = out;
      out = "";
      return clean;
    },
  };
}
