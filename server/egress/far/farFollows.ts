/** The outputs that are followed here and kept on other nodes: told by offset, and taken up again after whatever breaks. */
import { SyncError } from "../../../shared/errors.js";
import { stepAtIndex } from "../../../shared/state/stepPlace.js";
import { isEnded } from "../../../shared/statuses.js";
import type { Attempts } from "../../output/attempts.js";
import type { SharedOutputs } from "../../output/shared/sharedOutputs.js";
import type { Commits } from "../../state/commits.js";
import { isLive, type LiveRecord } from "../../state/store/record.js";
import type { Committed } from "../../state/store/store.js";
import { type Elsewhere, type Here, keyOf, type Wanted } from "../elsewhere.js";
import { encodeFrame, forFollower } from "../frames.js";
import type { Outbox } from "../outbox.js";
import { FarFollow } from "./farFollow.js";
import type { FarFrame } from "./farFrames.js";
import { type FarParts, FarQuestions } from "./farQuestions.js";
import { FarTeller } from "./farTeller.js";
import { SharedReads } from "./sharedReads.js";

export interface FarFollowsParts extends FarParts {
  /** The folder that all nodes keep their output in; null where each has its own. */
  readonly shared: Pick<SharedOutputs, "open"> | null;
  /** The longest frame. */
  readonly frameBytes: number;
  /** Hears of shared output that cannot be read. */
  readonly onSharedFailure: (error: unknown, node: string) => void;
  readonly commits: Commits;
  readonly outputs: Attempts;
  readonly graceMs: number;
  readonly here: Here;
}

/** All that are followed on other nodes: one that serves more tabs has to be helped by another. */
const MOST_FOLLOWS = 8_192;
/** After a word of the other node that does not fit to what this one knows. */
const ASK_AGAIN_MS = 250;

export class FarFollows implements Elsewhere {
  readonly #parts: FarFollowsParts;
  readonly #questions: FarQuestions;
  /** Null where nodes share no folder. */
  readonly #shared: SharedReads | null;
  readonly #tellers = new Map<Outbox, FarTeller>();
  readonly #tellerOf = new Map<FarFollow, FarTeller>();
  readonly #byWorkflow = new Map<string, Set<FarFollow>>();
  /** Those that ask again in a while. */
  readonly #again = new Map<FarFollow, () => void>();
  readonly #stopListening: readonly (() => void)[];

  constructor(parts: FarFollowsParts) {
    this.#parts = parts;
    this.#questions = new FarQuestions({
      ...parts,
      answered: (follow, frame) => this.#answered(follow, frame),
      lost: (follow, when) => this.#askAnew(follow, when),
      away: (follow, node, since) => {
        if (since === null || !this.#shared) this.#tellWhere(follow, node, since);
        else this.#shared.begin(follow, node, since);
      },
    });
    const { shared, here } = parts;
    const wake = (follow: FarFollow) => this.#wake(follow);
    this.#shared = shared ? new SharedReads({ ...parts, ...here, shared, wake }) : null;
    this.#stopListening = [
      parts.commits.listen("watchers", (change) => this.#seeChange(change)),
      // An attempt that has not begun may be kept elsewhere from now on.
      parts.nodes.listen(() => {
        for (const follow of this.#tellerOf.keys()) this.#wake(follow);
      }),
    ];
  }

  isElsewhere(record: LiveRecord, step: number, attempt: number): boolean {
    return this.#parts.homes.elsewhere(record, step, attempt) !== null;
  }

  countOf(outbox: Outbox): number {
    return this.#tellers.get(outbox)?.follows.size ?? 0;
  }

  begin(outbox: Outbox, wanted: Wanted): void {
    this.end(outbox, keyOf(wanted));
    if (this.#tellerOf.size >= MOST_FOLLOWS)
      throw new SyncError("too_many", "too many outputs of other nodes are followed here");
    const teller = this.#tellerFor(outbox);
    const follow = new FarFollow(wanted);
    teller.follows.set(keyOf(wanted), follow);
    this.#tellerOf.set(follow, teller);
    const { workflow_id } = wanted;
    this.#byWorkflow.set(workflow_id, (this.#byWorkflow.get(workflow_id) ?? new Set()).add(follow));
    teller.wake(follow);
  }

  end(outbox: Outbox, key: string): void {
    const teller = this.#tellers.get(outbox);
    const follow = teller?.follows.get(key);
    if (!teller || !follow) return;
    follow.isLive = false;
    this.#questions.takeBack(follow);
    this.#shared?.drop(follow);
    this.#again.get(follow)?.();
    this.#again.delete(follow);
    this.#tellerOf.delete(follow);
    teller.follows.delete(key);
    if (teller.follows.size === 0) this.#tellers.delete(outbox);
    const { workflow_id } = follow.owner;
    const others = this.#byWorkflow.get(workflow_id);
    others?.delete(follow);
    if (others?.size === 0) this.#byWorkflow.delete(workflow_id);
  }

  drop(outbox: Outbox): void {
    for (const key of [...(this.#tellers.get(outbox)?.follows.keys() ?? [])]) this.end(outbox, key);
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
    for (const outbox of [...this.#tellers.keys()]) this.drop(outbox);
    this.#questions.close();
  }

  /** All that came was told: asks for more, or elsewhere, where that has to be. */
  #advance(follow: FarFollow, { outbox }: FarTeller, record: LiveRecord): void {
    const { homes, outputs, here } = this.#parts;
    if (!follow.isDrained) return;
    if (follow.moveOn(record, outputs)) this.#questions.takeBack(follow);
    const home = homes.elsewhere(record, follow.step, follow.attempt);
    if (home === null) {
      this.end(outbox, keyOf(follow.wanted));
      return here.follow(outbox, follow.wanted);
    }
    if (follow.asked?.node === home) return this.#shared?.more(follow, record);
    if (this.#again.has(follow)) return;
    this.#questions.takeBack(follow);
    this.#questions.ask(follow, home);
  }

  #answered(follow: FarFollow, frame: FarFrame): void {
    if (frame.type === "log") {
      if (follow.asked) this.#tellWhere(follow, follow.asked.node, null);
      const taken = follow.take(frame.frame);
      // Without room it is asked again, from where it is, once what waits was told.
      if (taken !== "taken") this.#questions.takeBack(follow);
      if (taken === "other") return this.#askAnew(follow, "later");
    } else if (frame.type === "log_end") {
      if (frame.reason === "over" && frame.next !== null) follow.ended(frame.next);
      else {
        // Its copy of the records is behind ours, or ours is behind its own.
        this.#questions.takeBack(follow);
        return this.#askAnew(follow, "later");
      }
    }
    this.#wake(follow);
  }

  #askAnew(follow: FarFollow, when: "now" | "later"): void {
    if (when === "now") return this.#wake(follow);
    if (this.#again.has(follow) || !follow.isLive) return;
    const cancel = this.#parts.clock.after(ASK_AGAIN_MS, () => {
      this.#again.delete(follow);
      this.#wake(follow);
    });
    this.#again.set(follow, cancel);
  }

  #wake(follow: FarFollow): void {
    this.#tellerOf.get(follow)?.wake(follow);
  }

  #seeChange(change: Committed): void {
    if (change.kind === "archived") return;
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    const { workflow_id, epoch } = change.kind === "committed" ? change.after : change.before;
    const before = isLive(change.before) ? change.before : null;
    for (const follow of [...(this.#byWorkflow.get(workflow_id) ?? [])]) {
      const isSameEpoch = follow.owner.epoch === epoch;
      if (after ? !isSameEpoch : isSameEpoch) this.#tellCleared(follow);
      else if (after && concerns(follow.step, before, after)) this.#wake(follow);
    }
  }

  #tellCleared(follow: FarFollow): void {
    const outbox = this.#tellerOf.get(follow)?.outbox;
    if (!outbox) return;
    const { workflow_id } = follow.owner;
    const { step, attempt, position: next } = follow;
    this.end(outbox, keyOf(follow.wanted));
    const end = { workflow_id, step, attempt, next, reason: "cleared" } as const;
    outbox.replyFrame(forFollower(encodeFrame({ type: "log_end", ...end }), follow.follower));
  }

  /** `since` is null where the node is there; nothing is told twice. */
  #tellWhere(follow: FarFollow, node: string, since: string | null): void {
    if (follow.awayNode === (since === null ? null : node)) return;
    follow.awayNode = since === null ? null : node;
    const { workflow_id } = follow.owner;
    const { step, attempt, follower } = follow;
    const where = { workflow_id, step, attempt, node, since } as const;
    const frame = encodeFrame({ type: "log_away", ...where });
    this.#tellerOf.get(follow)?.outbox.replyFrame(forFollower(frame, follower));
  }

  #tellerFor(outbox: Outbox): FarTeller {
    let teller = this.#tellers.get(outbox);
    if (!teller) {
      const { outputs, here } = this.#parts;
      const made: FarTeller = new FarTeller(outbox, {
        outputs,
        recordOf: ({ owner }) => here.recordOf(owner),
        away: (follow, node, since) => this.#tellWhere(follow, node, since),
        drained: (follow, record) => this.#advance(follow, made, record),
      });
      teller = made;
      this.#tellers.set(outbox, teller);
    }
    return teller;
  }
}

const concerns = (step: number, before: LiveRecord | null, after: LiveRecord): boolean =>
  (before && stepAtIndex(before.state, step)) !== stepAtIndex(after.state, step) ||
  isEnded(after.state.status);
