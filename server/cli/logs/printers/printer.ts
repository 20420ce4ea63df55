/** A printer of output: what it promises to those that follow, and how it writes in order without holding much. */
import type { InstepClient, LogBytes, LogPiece } from "../../../../client/index.js";
import type { CliContext } from "../../process/context.js";

export interface LogPrinter {
  /** `prefix` is for each of its lines, where several steps print at once. */
  piece(step: number, piece: LogPiece, prefix?: string): void;
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

/** The part of a step's output that one answer gave. */
export type ReadOutput = Pick<LogBytes, "attempt" | "from" | "bytes">;

const MOST_WAITING_BYTES = 1024 * 1024;

export const leftOut = ({ skipped }: LogPiece): string => `[instep: ${skipped} bytes left out]\n`;

/** One workflow, from its creation to its end: another with the same id has another epoch. */
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
