/** From the kept output to its followers: knows which socket follows which output, and wakes those that a change concerns. */
import { SyncError } from "../../shared/errors.js";
import type { Limits } from "../../shared/limits.js";
import type { FollowLogMessage, UnfollowLogMessage } from "../../shared/schema/clientMessages.js";
import { stepAtIndex } from "../../shared/state/stepPlace.js";
import { isEnded } from "../../shared/statuses.js";
import { counted } from "../../shared/text/counted.js";
import { newestAttempt } from "../output/attempts.js";
import type { OutputName, OutputStore } from "../output/outputStore.js";
import type { WorkflowEpoch } from "../output/owners.js";
import type { Commits } from "../state/commits.js";
import { isLive, type LiveRecord } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";
import { type Elsewhere, type Here, keyOf, type Wanted } from "./elsewhere.js";
import { encodeFrame, forFollower } from "./frames.js";
import type { Outbox } from "./outbox.js";
import { OutputCursor } from "./outputCursor.js";
import { OutputFollower } from "./outputFollower.js";
import { OutputFrames } from "./outputFrames.js";

export interface OutputHubParts {
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly outputs: OutputStore;
  readonly limits: Limits;
  /** Missing for a server alone. */
  readonly elsewhere?: ((here: Here) => Elsewhere) | undefined;
  /** Hears of output that cannot be read. Its followers are told by themselves. */
  readonly onFailure: (error: unknown, output: OutputName) => void;
}

/** That a node may follow on its one socket. */
const MOST_FOLLOWS = 8_192;

export class OutputHub {
  readonly #parts: OutputHubParts;
  readonly #frames: OutputFrames;
  readonly #followers = new Map<Outbox, OutputFollower>();
  /** Every follower's cursors, by workflow id. */
  readonly #cursors = new Map<string, Map<OutputCursor, OutputFollower>>();
  /** Those that other nodes keep; null for a server alone. */
  readonly #far: Elsewhere | null;
  /** Sockets of nodes: what they follow is kept here. */
  readonly #nodes = new WeakSet<Outbox>();
  readonly #stopListening: readonly (() => void)[];

  constructor(parts: OutputHubParts) {
    this.#parts = parts;
    this.#frames = new OutputFrames(parts.outputs, parts.limits.outputFrameBytes);
    this.#far =
      parts.elsewhere?.({
        recordOf: (owner) => this.#recordOf(owner),
        follow: (outbox, wanted) => this.#goOnHere(outbox, wanted),
      }) ?? null;
    this.#stopListening = [
      parts.outputs.listen((grown) => this.#seeOutput(grown)),
      parts.commits.listen("watchers", (change) => this.#seeChange(change)),
    ];
  }

  /** How many outputs are followed. */
  get followers(): number {
    let count = 0;
    for (const { cursors } of this.#followers.values()) count += cursors.size;
    return count;
  }

  /** `by` a node of the cluster: what that follows is here, and no other node is asked for it. Throws SyncError `too_many`. */
  follow(outbox: Outbox, message: FollowLogMessage, by: "client" | "node" = "client"): void {
    const { workflow_id, step, follower: name } = message;
    const named = name === undefined ? {} : { follower: name };
    if (by === "node") this.#nodes.add(outbox);
    const follower = this.#followerOf(outbox);
    this.#end(follower, keyOf(message));
    this.#far?.end(outbox, keyOf(message));
    const record = this.#parts.workflows.find(workflow_id)?.record;
    // A follower names the workflow by its own id, as another one may be current a moment later.
    if (record?.workflow_id !== workflow_id || !stepAtIndex(record.state, step)) {
      const nowhere = { attempt: null, next: null, reason: "unknown" } as const;
      return outbox.reply({ type: "log_end", workflow_id, step, ...nowhere, ...named });
    }
    if (message.epoch !== undefined && message.epoch !== record.epoch) {
      const gone = { attempt: null, next: null, reason: "cleared" } as const;
      return outbox.reply({ type: "log_end", workflow_id, step, ...gone, ...named });
    }
    const most = by === "node" ? MOST_FOLLOWS : this.#parts.limits.followsPerSocket;
    if (follower.cursors.size + (this.#far?.countOf(outbox) ?? 0) >= most) {
      throw new SyncError("too_many", `at most ${counted(most, "output")} on one socket`);
    }
    const { outputs } = this.#parts;
    const attempt = message.attempt ?? newestAttempt(outputs, record, step);
    if (by === "client" && this.#far?.isElsewhere(record, step, attempt)) {
      const { epoch } = record;
      const { from = 0, tail } = message;
      const where = { from: tail === undefined ? from : null, tail: tail ?? 0 };
      const isPinned = message.attempt !== undefined;
      const wanted = { workflow_id, epoch, step, follower: name, attempt, ...where, isPinned };
      return this.#far.begin(outbox, wanted);
    }
    this.#begin(follower, new OutputCursor(outputs, record, message));
  }

  unfollow(outbox: Outbox, message: UnfollowLogMessage): void {
    const follower = this.#followers.get(outbox);
    if (follower) this.#end(follower, keyOf(message));
    this.#far?.end(outbox, keyOf(message));
  }

  /** The socket is gone. */
  drop(outbox: Outbox): void {
    this.#far?.drop(outbox);
    const follower = this.#followers.get(outbox);
    if (!follower) return;
    for (const key of [...follower.cursors.keys()]) this.#end(follower, key);
    this.#followers.delete(outbox);
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
    for (const outbox of [...this.#followers.keys()]) this.drop(outbox);
    this.#far?.close();
  }

  #begin(follower: OutputFollower, cursor: OutputCursor): void {
    const { workflow_id } = cursor.owner;
    follower.cursors.set(keyOf(cursor.wanted), cursor);
    const cursors = this.#cursors.get(workflow_id) ?? new Map();
    this.#cursors.set(workflow_id, cursors.set(cursor, follower));
    follower.wake(cursor);
  }

  /** Whether it goes on with the output of another node. */
  #leave(follower: OutputFollower, cursor: OutputCursor, record: LiveRecord): boolean {
    const { outbox } = follower;
    const { step, attempt } = cursor.output;
    if (this.#nodes.has(outbox) || !this.#far?.isElsewhere(record, step, attempt)) return false;
    this.#far.begin(outbox, cursor.wanted);
    this.#end(follower, keyOf(cursor.wanted));
    return true;
  }

  #goOnHere(outbox: Outbox, { isPinned, from, tail, ...wanted }: Wanted): void {
    const record = this.#recordOf(wanted);
    if (!record) return;
    const where = from === null ? { tail } : { from };
    const message = { type: "follow_log", ...wanted, ...where } as const;
    const cursor = new OutputCursor(this.#parts.outputs, record, message, isPinned);
    this.#begin(this.#followerOf(outbox), cursor);
  }

  #recordOf({ workflow_id, epoch }: WorkflowEpoch): LiveRecord | null {
    const record = this.#parts.workflows.find(workflow_id)?.record;
    return record?.epoch === epoch ? record : null;
  }

  #seeOutput({ workflow_id, epoch, step }: OutputName): void {
    for (const [cursor, follower] of this.#cursors.get(workflow_id) ?? []) {
      if (cursor.step === step && cursor.owner.epoch === epoch) follower.wake(cursor);
    }
  }

  #seeChange(change: Committed): void {
    if (change.kind === "archived") return;
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    const { workflow_id, epoch } = change.kind === "committed" ? change.after : change.before;
    const before = isLive(change.before) ? change.before : null;
    for (const [cursor, follower] of [...(this.#cursors.get(workflow_id) ?? [])]) {
      const isSameEpoch = cursor.owner.epoch === epoch;
      try {
        // A new workflow takes the id: the followed output can no longer be named.
        if (after ? !isSameEpoch : isSameEpoch) this.#tellCleared(follower, cursor);
        else if (after && concerns(cursor.step, before, after)) follower.wake(cursor);
      } catch (error) {
        this.#failed(follower, cursor, error);
      }
    }
  }

  #tellCleared(follower: OutputFollower, cursor: OutputCursor): void {
    const { workflow_id, step, attempt } = cursor.output;
    const next = cursor.position;
    this.#end(follower, keyOf({ workflow_id, step, follower: cursor.follower }));
    const end = { type: "log_end", workflow_id, step, attempt, next, reason: "cleared" } as const;
    follower.outbox.replyFrame(forFollower(encodeFrame(end), cursor.follower));
  }

  #end(follower: OutputFollower, key: string): void {
    const cursor = follower.cursors.get(key);
    if (!cursor) return;
    cursor.isLive = false;
    follower.cursors.delete(key);
    const { workflow_id } = cursor.owner;
    const cursors = this.#cursors.get(workflow_id);
    cursors?.delete(cursor);
    if (cursors?.size === 0) this.#cursors.delete(workflow_id);
  }

  #followerOf(outbox: Outbox): OutputFollower {
    let follower = this.#followers.get(outbox);
    if (!follower) {
      const { outputs } = this.#parts;
      const created: OutputFollower = new OutputFollower(outbox, {
        outputs,
        frames: this.#frames,
        recordOf: ({ owner }) => this.#recordOf(owner),
        leave: this.#far ? (cursor, record) => this.#leave(created, cursor, record) : undefined,
        failed: (cursor, error) => this.#failed(created, cursor, error),
      });
      follower = created;
      this.#followers.set(outbox, follower);
    }
    return follower;
  }

  #failed(follower: OutputFollower, cursor: OutputCursor, error: unknown): void {
    // A cursor that is gone by now needs no word.
    if (!cursor.isLive) return;
    const { workflow_id, step } = cursor.output;
    this.#parts.onFailure(error, cursor.output);
    this.#end(follower, keyOf({ workflow_id, step, follower: cursor.follower }));
    try {
      follower.outbox.reply({
        type: "refused",
        request_id: null,
        code: "internal",
        message: `the output of step ${step} cannot be read; it was written to the server's log`,
        retry: false,
      });
    } catch {
      // A socket that cannot even be told this is closed; the reason is in the log already.
      follower.outbox.fail();
    }
  }
}

const concerns = (step: number, before: LiveRecord | null, after: LiveRecord): boolean =>
  (before && stepAtIndex(before.state, step)) !== stepAtIndex(after.state, step) ||
  isEnded(after.state.status);
