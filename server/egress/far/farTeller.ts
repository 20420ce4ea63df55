/** Tells one socket of the outputs that other nodes keep: its follows take turns, and each frame is sent when the one before has left. */
import type { Attempts } from "../../output/attempts.js";
import type { LiveRecord } from "../../state/store/record.js";
import { encodeFrame, forFollower } from "../frames.js";
import type { Outbox } from "../outbox.js";
import type { FarFollow } from "./farFollow.js";

export interface FarTellerParts {
  readonly outputs: Attempts;
  /** The workflow's record, or null where its time is over. */
  readonly recordOf: (follow: FarFollow) => LiveRecord | null;
  /** All that is known of its output was told, and its node is away. */
  readonly away: (follow: FarFollow, node: string, since: string) => void;
  /** Nothing waits for it: there may be more to ask for, or another node to ask. */
  readonly drained: (follow: FarFollow, record: LiveRecord) => void;
}

export class FarTeller {
  readonly outbox: Outbox;
  /** By workflow, step and the name of who follows. */
  readonly follows = new Map<string, FarFollow>();
  readonly #parts: FarTellerParts;
  readonly #ready = new Set<FarFollow>();
  #isRunning = false;

  constructor(outbox: Outbox, parts: FarTellerParts) {
    this.outbox = outbox;
    this.#parts = parts;
  }

  wake(follow: FarFollow): void {
    this.#ready.add(follow);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // A follow that is woken while this runs is met again at the end of the set.
    for (const follow of this.#ready) {
      this.#ready.delete(follow);
      if (await this.#advance(follow)) this.#ready.add(follow);
    }
    this.#isRunning = false;
  }

  /** True where there may be more to do. */
  async #advance(follow: FarFollow): Promise<boolean> {
    await this.outbox.room();
    const record = follow.isLive ? this.#parts.recordOf(follow) : null;
    if (!record) return false;
    const { workflow_id } = follow.owner;
    const telling = follow.next(record, this.#parts.outputs);
    if (telling?.tell === "log") {
      const isSent = await this.outbox.output(
        forFollower(encodeFrame(telling.frame), follow.follower),
      );
      if (isSent && follow.isLive && follow.isDrained) this.#parts.drained(follow, record);
      return isSent;
    }
    if (telling?.tell === "away") {
      this.#parts.away(follow, telling.node, telling.since);
      return true;
    }
    if (telling?.tell === "over") {
      const { attempt, next } = telling;
      const end = { workflow_id, step: follow.step, attempt, next, reason: "over" } as const;
      this.outbox.replyFrame(
        forFollower(encodeFrame({ type: "log_end", ...end }), follow.follower),
      );
      return true;
    }
    this.#parts.drained(follow, record);
    return false;
  }
}
