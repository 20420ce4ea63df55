/** A command's two pipes: read as fast as their reader can take it, and no faster. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../shared/clock.js";

import { awakeOf } from "../state/awake.js";
import type { Redaction, StreamPiece } from "./secrets/redaction.js";

interface Pipes {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export type StreamName = "stdout" | "stderr";

export interface OutputEars {
  /** The bytes of one stream as they come, before secrets are taken out of them. */
  onRaw?(stream: StreamName, bytes: Buffer): void;
  /** The text of one stream, cut anywhere but in a character, and the bytes that `onOutput` is given next. */
  onText(stream: StreamName, text: string, bytes: Uint8Array): void;
  /** Both streams as they come. While it does not resolve the command is not read from, so that it waits as well. */
  onOutput?: ((bytes: Uint8Array) => Promise<void>) | undefined;
}

export interface Reading {
  /**
   * Closes the pipes after `ms`: a process that left the group may hold them for ever. Only the time counts in which they
   * are read. Returns what takes it back.
   */
  within(ms: number, clock: Clock): () => void;
  /** Gives out what still waited for its next byte; resolves when all was taken. */
  finish(): Promise<void>;
  /** Resolves once both pipes are closed, by their other end or by `within`. */
  readonly closed: Promise<void>;
}

const STREAMS = ["stdout", "stderr"] as const;
const NOTHING = Buffer.alloc(0);

export function readOutput(pipes: Pipes, ears: OutputEars, redaction: Redaction): Reading {
  let waitingFor = 0;
  let changed = () => {};
  let taken: Promise<unknown> = Promise.resolve();
  const flow = () => {
    for (const stream of STREAMS) {
      if (waitingFor > 0) pipes[stream].pause();
      else pipes[stream].resume();
    }
    changed();
  };
  const give = (stream: StreamName, bytes: Buffer, text: string) => {
    if (text !== "") ears.onText(stream, text, bytes);
    if (bytes.length === 0) return;
    const taking = ears.onOutput?.(bytes);
    if (!taking) return;
    waitingFor += 1;
    flow();
    taken = Promise.all([taken, taking]);
    void taking.finally(() => {
      waitingFor -= 1;
      if (waitingFor === 0) flow();
    });
  };
  const redacted = redaction.streams();
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  const giveAll = (pieces: readonly StreamPiece[]) => {
    for (const { stream, bytes } of pieces) give(stream, bytes, decoders[stream].write(bytes));
  };
  for (const stream of STREAMS) {
    pipes[stream].on("data", (bytes: Buffer) => {
      ears.onRaw?.(stream, bytes);
      giveAll(redacted.add(stream, bytes));
    });
  }

  const closed = Promise.all(
    STREAMS.map((stream) => new Promise<void>((resolve) => pipes[stream].once("close", resolve))),
  ).then(() => {});

  return {
    closed,
    within(ms, clock) {
      let left = ms;
      let readSince: number | null = null;
      let cancel = () => {};
      const close = () => {
        for (const stream of STREAMS) pipes[stream].destroy();
      };
      changed = () => {
        const isRead = waitingFor === 0;
        if (isRead === (readSince !== null)) return;
        if (readSince !== null) left -= clock.elapsed() - readSince;
        cancel();
        readSince = isRead ? clock.elapsed() : null;
        cancel = isRead ? awakeOf(clock).after(Math.max(0, left), close) : () => {};
      };
      changed();
      return () => {
        changed = () => {};
        cancel();
      };
    },
    async finish() {
      giveAll(redacted.end());
      for (const stream of STREAMS) give(stream, NOTHING, decoders[stream].end());
      await taken;
    },
  };
}
