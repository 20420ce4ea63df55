/** One follower's place in a step's output that other nodes keep, and what waits to be told to it: as much as is told soon, no more. */
import type { FollowLogMessage } from "../../../shared/schema/clientMessages.js";
import { type Attempts, attemptAfter, isOver } from "../../output/attempts.js";
import type { WorkflowEpoch } from "../../output/owners.js";
import type { LiveRecord } from "../../state/store/record.js";
import type { Wanted } from "../elsewhere.js";
import type { LogFrame } from "../outputFrames.js";

/** The next thing to be told. */
export type Telling =
  | { readonly tell: "log"; readonly frame: LogFrame }
  | { readonly tell: "over"; readonly attempt: number; readonly next: number }
  | ({ readonly tell: "away" } & Away);

/** The node that keeps it is not there since then (RFC 3339). */
interface Away {
  readonly node: string;
  readonly since: string;
}

/** Frames that may wait for one follower. */
const MOST_WAITING = 8;

export class FarFollow {
  readonly owner: WorkflowEpoch;
  readonly step: number;
  readonly follower: string | undefined;
  /** By which the other node knows this question; a new question has a new one. Null while nothing is asked. */
  asked: { readonly name: string; readonly node: string } | null = null;
  /** Once it ended nothing is told any more. */
  isLive = true;
  /** The node that was told to be away. */
  awayNode: string | null = null;
  readonly tail: number;
  readonly #isPinned: boolean;
  readonly #waiting: LogFrame[] = [];
  #attempt: number;
  /** Behind all that waits here; null before the start of the tail is known. */
  #position: number | null;
  /** The first frame of an answer may begin earlier: a power cut took what was there. */
  #isFirst = true;
  #end: number | null = null;
  #toldEnd: number | null = null;
  #away: Away | null = null;

  constructor({ workflow_id, epoch, step, follower, attempt, from, tail, isPinned }: Wanted) {
    this.owner = { workflow_id, epoch };
    this.step = step;
    this.follower = follower;
    this.tail = tail;
    this.#isPinned = isPinned;
    this.#attempt = attempt;
    this.#position = from;
  }

  get attempt(): number {
    return this.#attempt;
  }

  get position(): number | null {
    return this.#position;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < MOST_WAITING;
  }

  /** Its node, or the folder that all share, has said that this is all. */
  get isEnded(): boolean {
    return this.#end !== null;
  }

  /** Whether it is time to ask again, where there was no room. */
  get isDrained(): boolean {
    return this.#waiting.length <= MOST_WAITING / 2;
  }

  /** From here on it is followed by somebody else. */
  get wanted(): Wanted {
    const { step, follower } = this;
    return {
      ...this.owner,
      ...{ step, follower, attempt: this.#attempt, from: this.#position },
      ...{ tail: this.tail, isPinned: this.#isPinned },
    };
  }

  /** The question to the node that keeps the attempt. */
  ask(name: string, node: string): FollowLogMessage {
    this.asked = { name, node };
    this.#away = null;
    this.#isFirst = true;
    const { workflow_id, epoch } = this.owner;
    const where = this.#position === null ? { tail: this.tail } : { from: this.#position };
    return {
      ...{ type: "follow_log", workflow_id, epoch, step: this.step },
      ...{ attempt: this.#attempt, ...where, follower: name },
    };
  }

  /** False where it does not fit to what came before, or there is no room for more: then the question has to be asked again, and when. */
  take(frame: LogFrame): "taken" | "full" | "other" {
    const start = frame.from - (frame.skipped ?? 0);
    if (frame.attempt !== this.#attempt) return "other";
    const fits = this.#position === null || start === this.#position;
    if (!fits && !(this.#isFirst && start < (this.#position ?? 0))) return "other";
    if (!this.hasRoom) return "full";
    this.#isFirst = false;
    this.#waiting.push(frame);
    this.#position = frame.next;
    this.#end = null;
    return "taken";
  }

  /** The node says that this is all, up to `next`. */
  ended(next: number): void {
    this.#position ??= next;
    this.#end = next;
  }

  /** Its node is away, which is told behind all that waits; null: it is not, or not any more. */
  tellAway(away: Away | null): void {
    this.#away = away;
  }

  /** Null where there is nothing to be told now. */
  next(record: LiveRecord, outputs: Attempts): Telling | null {
    const frame = this.#waiting.shift();
    if (frame) return { tell: "log", frame };
    const away = this.#away;
    this.#away = null;
    if (away) return { tell: "away", ...away };
    const end = this.#end;
    if (end === null || !isOver(outputs, record, this.step, this.#attempt)) return null;
    if (this.#toldEnd !== end) {
      this.#toldEnd = end;
      return { tell: "over", attempt: this.#attempt, next: end };
    }
    return null;
  }

  /** Goes on to a newer attempt, where this one is over and was told to be. */
  moveOn(record: LiveRecord, outputs: Attempts): boolean {
    if (this.#isPinned || this.#toldEnd === null || this.#toldEnd !== this.#end) return false;
    const newer = attemptAfter(outputs, record, this.step, this.#attempt);
    if (newer === null) return false;
    this.#attempt = newer;
    this.#position = 0;
    this.#end = null;
    this.#toldEnd = null;
    return true;
  }
}
