/** A command's two pipes: read as fast as their reader can take it, and no faster. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../../shared/clock.js";
import type { OutputTail } from "./outputTail.js";

interface Pipes {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface OutputEars {
  onLine(line: string): void;
  onOutput?(bytes: Uint8Array): Promise<void>;
}

export interface Reading {
  /**
   * Closes the pipes after `ms`: a process that left the group may hold them for ever. Only the time counts in which they
   * are read. Returns what takes it back.
   */
  within(ms: number, clock: Clock): () => void;
}

const STREAMS = ["stdout", "stderr"] as const;

export function readOutput(pipes: Pipes, ears: OutputEars, tail: OutputTail): Reading {
  let waitingFor = 0;
  let changed = () => {};
  const flow = () => {
    for (const stream of STREAMS) {
      if (waitingFor > 0) pipes[stream].pause();
      else pipes[stream].resume();
    }
    changed();
  };
  for (const stream of STREAMS) {
    const decoder = new StringDecoder("utf8");
    pipes[stream].on("data", (bytes: Buffer) => {
      const newest = tail.add(stream, decoder.write(bytes));
      if (newest !== null) ears.onLine(newest);
      const taken = ears.onOutput?.(bytes);
      if (!taken) return;
      waitingFor += 1;
      flow();
      void taken.finally(() => {
        waitingFor -= 1;
        if (waitingFor === 0) flow();
      });
    });
  }

  return {
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
        if (readSince !== null) left -= clock.now() - readSince;
        cancel();
        readSince = isRead ? clock.now() : null;
        cancel = isRead ? clock.after(Math.max(0, left), close) : () => {};
      };
      changed();
      return () => {
        changed = () => {};
        cancel();
      };
    },
  };
}
