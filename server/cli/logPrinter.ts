/** Prints output as it is followed: safe for a terminal where a person looks, byte for byte where a program reads. */
import type { InstepClient, LogBytes, LogPiece } from "../../client/index.js";
import { createTerminalReader } from "../../shared/terminal/terminalReader.js";
import type { CliContext } from "./context.js";
import { type Aside, createAside } from "./output/aside.js";

export interface LogPrinter {
  piece(step: number, piece: LogPiece): void;
  bytes(step: number, read: ReadOutput): void;
  /** A line of our own, only where a person looks. */
  heading(text: string): void;
  /** So much waits for whoever reads us that no more is wanted before `caughtUp`. */
  readonly isFull: boolean;
  /** Resolves once what waits now is written. */
  caughtUp(): Promise<void>;
  /** Resolves once all is written. */
  finish(): Promise<void>;
}

/** What one answer gave of a step's output. */
export type ReadOutput = Pick<LogBytes, "attempt" | "from" | "bytes">;

const MOST_WAITING_BYTES = 1024 * 1024;

export function createLogPrinter(
  of: OutputOf,
  client: Pick<InstepClient, "rest">,
  context: Pick<CliContext, "stdout" | "env">,
): LogPrinter {
  const { stdout } = context;
  const aside = stdout.isTTY ? createAside(context) : null;
  const terminal = aside && createSafeText(aside);
  const writing = createWriting(stdout);
  const { later } = writing;

  return {
    piece(step, piece) {
      later(piece.next - piece.from, async () => {
        if (piece.skipped > 0) stdout.write(`\n[instep: ${piece.skipped} bytes left out]\n`);
        stdout.write(
          terminal ? terminal.clean(piece.text) : await rawBytes(of, client, step, piece),
        );
      });
    },
    bytes(_, { bytes }) {
      later(bytes.length, () =>
        stdout.write(terminal ? terminal.clean(new TextDecoder().decode(bytes)) : bytes),
      );
    },
    heading(text) {
      if (aside) later(text.length, () => stdout.write(`${aside.painted(text)}\n`));
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

/** One life of a workflow. */
export interface OutputOf {
  readonly workflow_id: string;
  readonly epoch: string;
}

/** The text has U+FFFD where the bytes were no characters: those are had from REST. */
export async function rawBytes(
  { workflow_id, epoch }: OutputOf,
  { rest }: Pick<InstepClient, "rest">,
  step: number,
  { attempt, from, next, text }: LogPiece,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === next - from && !text.includes("\ufffd")) return bytes;
  const raw = rest.log(workflow_id, step, { epoch, attempt, from, to: next });
  return raw.then(
    (read) => read.bytes,
    () => bytes,
  );
}

/** Writes one after the other: what has to be fetched first is not overtaken. */
export function createWriting({ drained }: Pick<CliContext["stdout"], "drained">) {
  let written: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    later(bytes: number, write: () => void | Promise<void>): void {
      waiting += bytes;
      written = written
        .then(write)
        .then(() => drained())
        .then(() => {
          waiting -= bytes;
        });
    },
    get isFull() {
      return waiting > MOST_WAITING_BYTES;
    },
    caughtUp: () => written,
  };
}

interface SafeText {
  clean(text: string): string;
}

/** Colours stay where there are any; whatever else would steer the terminal goes. */
export function createSafeText({ hasColors }: Pick<Aside, "hasColors">): SafeText {
  let out = "";
  const reader = createTerminalReader({
    text: (run) => {
      out += run;
    },
    control: (code) => {
      if (code !== "\b") out += code;
    },
    sequence: (final, parameters) => {
      if (hasColors && final === "m" && /^[\d;:]*$/.test(parameters))
        out += `\u001b[${parameters}m`;
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
