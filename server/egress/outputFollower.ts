/** The outputs that one socket follows: its cursors take turns, and each frame is sent when the one before has left. */
import type { OutputStore } from "../output/outputStore.js";
import type { LiveRecord } from "../state/store/record.js";
import { encodeFrame, forFollower } from "./frames.js";
import type { Outbox } from "./outbox.js";
import type { OutputCursor } from "./outputCursor.js";
import type { OutputFrames } from "./outputFrames.js";

export interface OutputFollowerParts {
  readonly outputs: OutputStore;
  readonly frames: OutputFrames;
  /** The workflow's record, or null where its time is over. */
  readonly recordOf: (cursor: OutputCursor) => LiveRecord | null;
  /** True where it goes on elsewhere, as another node keeps that output; missing for a server alone. */
  readonly leave?: ((cursor: OutputCursor, record: LiveRecord) => boolean) | undefined;
  /** Its output cannot be read. Throws nothing. */
  readonly failed: (cursor: OutputCursor, error: unknown) => void;
}

export class OutputFollower {
  readonly outbox: Outbox;
  /** By workflow, step and the name of who follows. */
  readonly cursors = new Map<string, OutputCursor>();
  readonly #parts: OutputFollowerParts;
  /** Cursors that may have something to send, in turn. */
  readonly #ready = new Set<OutputCursor>();
  #isRunning = false;

  constructor(outbox: Outbox, parts: OutputFollowerParts) {
    this.outbox = outbox;
    this.#parts = parts;
  }

  wake(cursor: OutputCursor): void {
    this.#ready.add(cursor);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // A cursor that is woken while this runs is met again at the end of the set.
    for (const cursor of this.#ready) {
      this.#ready.delete(cursor);
      try {
        if (await this.#advance(cursor)) this.#ready.add(cursor);
      } catch (error) {
        this.#parts.failed(cursor, error);
      }
    }
    this.#isRunning = false;
  }

  /** True where there may be more to do. */
  async #advance(cursor: OutputCursor): Promise<boolean> {
    const { outputs, recordOf, leave } = this.#parts;
    await this.outbox.room();
    const record = cursor.isLive ? recordOf(cursor) : null;
    if (!record || leave?.(cursor, record)) return false;
    const step = cursor.next(outputs, record);
    switch (step.do) {
      case "findStart": {
        const start = await outputs.tailStart(cursor.output, step.tail);
        cursor.position = start;
        return true;
      }
      case "read":
        return this.#send(cursor, step.from, step.isOver);
      case "tellOver":
        cursor.toldOver(step.next);
        this.#tellOver(cursor, step.next);
        return true;
      case "moveOn":
        cursor.moveOn(step.attempt);
        return true;
      case "wait":
        return false;
    }
  }

  async #send(cursor: OutputCursor, from: number, isOver: boolean): Promise<boolean> {
    const { outputs, frames } = this.#parts;
    const end = outputs.next(cursor.output);
    const { frame, next } = await frames.at(cursor.output, from, isOver);
    if (!cursor.isLive) return false;
    if (!frame) {
      cursor.holdAt(end);
      return true;
    }
    cursor.position = next;
    return this.outbox.output(forFollower(frame, cursor.follower));
  }

  #tellOver({ output, follower }: OutputCursor, next: number): void {
    const { workflow_id, step, attempt } = output;
    const end = { type: "log_end", workflow_id, step, attempt, next, reason: "over" } as const;
    this.outbox.replyFrame(forFollower(encodeFrame(end), follower));
  }
}
