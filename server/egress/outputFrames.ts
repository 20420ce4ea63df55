/** Output as frames: read once and encoded once for all who are at the same place. */

import { wholeLength } from "../../shared/text/utf8.js";
import type { LogTimes } from "../../shared/wire/logTimes.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import type { OutputSource } from "../output/outputSource.js";
import type { OutputName } from "../output/outputStore.js";
import { encodeFrame, type Frame } from "./frames.js";

/** A part of an output as it is told. */
export type LogFrame = Extract<ServerMessage, { type: "log" }>;

type FrameSource = Pick<OutputSource, "next" | "read" | "times">;

/** A part of an output as a frame, and the offset at which the next one begins. */
export interface OutputFrame {
  /** Null where there is only a part of a character, which more output may complete. */
  readonly frame: Frame | null;
  readonly next: number;
}

/** Entries of one frame. */
const MOST_TIMES = 1_024;
/** Few frames are kept: followers that keep up ask for the frame that others asked for a moment ago. */
const FRAMES_KEPT = 64;

export class OutputFrames {
  readonly #outputs: FrameSource;
  readonly #frameBytes: number;
  readonly #frames = new Map<string, Promise<OutputFrame>>();

  constructor(outputs: FrameSource, frameBytes: number) {
    this.#outputs = outputs;
    this.#frameBytes = frameBytes;
  }

  /** The frame that begins at `from`, which is not the end. With `isAll`, a part of a character at the end is sent, too. */
  at(name: OutputName, from: number, isAll: boolean): Promise<OutputFrame> {
    const until = Math.min(this.#outputs.next(name), from + this.#frameBytes);
    const { workflow_id, epoch, step, attempt } = name;
    const key = [workflow_id, epoch, step, attempt, from, until, isAll].join(" ");
    let frame = this.#frames.get(key);
    if (!frame) {
      frame = this.#read(name, from, until - from, isAll);
      frame.catch(() => this.#frames.delete(key));
      this.#frames.set(key, frame);
      if (this.#frames.size > FRAMES_KEPT) {
        const [oldest] = this.#frames.keys();
        if (oldest !== undefined) this.#frames.delete(oldest);
      }
    }
    return frame;
  }

  async #read(name: OutputName, from: number, most: number, isAll: boolean): Promise<OutputFrame> {
    const { frame, next } = await readLogFrame(this.#outputs, name, { from, most, isAll });
    return { frame: frame && encodeFrame(frame), next };
  }
}

/** A part of an output, and the offset at which the next one begins; null where there is only a part of a character. */
export async function readLogFrame(
  outputs: FrameSource,
  name: OutputName,
  { from: asked, most, isAll }: { from: number; most: number; isAll: boolean },
): Promise<{ readonly frame: LogFrame | null; readonly next: number }> {
  const { bytes, from, skipped, endsAtGap } = await outputs.read(name, asked, most);
  const isLast = isAll && from + bytes.length === outputs.next(name);
  const length = isLast || endsAtGap ? bytes.length : wholeLength(bytes);
  // Where all the rest was left out, the gap is the only thing to tell.
  if (length === 0 && (bytes.length > 0 || skipped === 0)) return { frame: null, next: asked };
  const { workflow_id, step, attempt } = name;
  const next = from + length;
  const frame: LogFrame = {
    type: "log",
    workflow_id,
    step,
    attempt,
    from,
    next,
    text: bytes.toString("utf8", 0, length),
    ...(skipped === 0 ? {} : { skipped }),
    ...(await timesOf(outputs, name, from, next)),
  };
  return { frame, next };
}

/** The times of the frame's bytes; none where nobody knows them. Too many for a frame can be asked for by REST. */
async function timesOf(
  outputs: FrameSource,
  name: OutputName,
  from: number,
  to: number,
): Promise<{ at?: LogTimes }> {
  const { times, next } = await outputs.times(name, from, to, MOST_TIMES);
  if (times.every(([, at]) => at === null)) return {};
  return { at: next < to ? [...times, [next, null]] : times };
}
