/** One followed output: knows which byte comes next, so that its listener gets each one once and in order. No network here. */

import { callGuarded } from "../../shared/listeners.js";
import type { FollowLogMessage } from "../../shared/schema/clientMessages.js";
import type { LogTimes } from "../../shared/wire/logTimes.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";

/** A part of an attempt's output. The next one of the same attempt begins at this `next`, plus what it says was skipped. */
export interface LogPiece {
  readonly attempt: number;
  /** Offsets in bytes. */
  readonly from: number;
  readonly next: number;
  /** Whole characters; bytes that are none became U+FFFD. */
  readonly text: string;
  /** So many bytes before `from` were left out for good; 0 nearly always. */
  readonly skipped: number;
  /** When the bytes came, by the server's wall clock, the first entry at `from`; missing where it was not told, or nobody knows. */
  readonly at?: LogTimes | undefined;
}

/**
 * `over`: that was all of this attempt (late lines may follow, and then another end). `cleared`: the workflow is gone.
 * `unknown`: there is no such workflow or step, and `attempt` and `next` are null.
 */
export interface LogEnd {
  readonly reason: "over" | "cleared" | "unknown";
  readonly attempt: number | null;
  readonly next: number | null;
}

/** In a cluster: the node that keeps the output is not reached. The client goes on following: there is nothing to do but wait. */
export interface LogAway {
  readonly node: string;
  /** Epoch ms. */
  readonly since: number;
}

export interface LogListener {
  piece(piece: LogPiece): void;
  end?(end: LogEnd): void;
  /** Why nothing comes, as one sentence, where waiting alone does not help: that of `connection.problem`. Where it passes after all, pieces come. */
  problem?(sentence: string): void;
  /** Told where the output's node is away, and with null once that is over, and before a new link says it again. Nothing is told twice. */
  away?(away: LogAway | null): void;
}

export interface FollowLogOptions {
  /** Only the workflow of this epoch: another one under the same id counts as cleared. @default any */
  readonly epoch?: string | undefined;
  /** One attempt. @default the newest, and newer ones as they begin */
  readonly attempt?: number | undefined;
  /** The offset of the first byte wanted. @default 0, without `tail` */
  readonly from?: number | undefined;
  /** The newest so many bytes, from the start of a line. */
  readonly tail?: number | undefined;
  /** Goes on behind this place and with newer attempts as they begin; in place of `attempt`, `from` and `tail`. */
  readonly after?: LogPlace | undefined;
}

export interface LogPlace {
  readonly attempt: number;
  readonly next: number;
}

type LogFrame = Extract<ServerMessage, { type: "log" }>;
type LogEndFrame = Extract<ServerMessage, { type: "log_end" }>;
type LogAwayFrame = Extract<ServerMessage, { type: "log_away" }>;

/** The next question to the socket, after a frame. */
export type AskNext = "nothing" | "again" | "newer attempts";

export class FollowedLog {
  readonly workflow_id: string;
  readonly step: number;
  readonly wanted: FollowLogOptions;
  readonly #listener: LogListener;
  #at: LogPlace | null = null;
  #toldOver: LogPlace | null = null;
  /** Asked, and nothing that fits has come yet: what does not fit was on its way before we asked. */
  #isAsking = false;
  /** Asked for one attempt by name, so newer ones will not come by themselves. */
  #isPinned = false;
  #isFinal = false;
  /** As the listener was told. */
  #awayNode: string | null = null;
  #isHeard = true;
  /** The first frame on a new socket answers us and nothing older: what it says of the start holds. */
  #isFirst = true;

  constructor(workflow_id: string, step: number, wanted: FollowLogOptions, listener: LogListener) {
    this.workflow_id = workflow_id;
    this.step = step;
    this.wanted = wanted;
    this.#listener = listener;
    this.#at = wanted.after ?? null;
  }

  /** Nobody listens any more: what was read already is told to nobody. */
  drop(): void {
    this.#isHeard = false;
  }

  /** One socket follows a step once. */
  get key(): string {
    return `${this.workflow_id} ${this.step}`;
  }

  /** The attempt and offset of the next byte; null before the first answer. */
  get at(): LogPlace | null {
    return this.#at;
  }

  /** Nothing more will ever come. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  get isOver(): boolean {
    return this.#at !== null && isSame(this.#at, this.#toldOver);
  }

  /** Whether the first frame can be told from one that an earlier `follow_log` on the same socket brought. */
  get knowsWhere(): boolean {
    return this.#at !== null;
  }

  /** `isFirst`: the socket was asked nothing about this step before. */
  ask(isFirst: boolean): FollowLogMessage {
    const { workflow_id, step, wanted } = this;
    // Where that is still so, it is said anew.
    this.isThere();
    this.#isAsking = true;
    this.#isFirst = isFirst;
    const where = this.#at
      ? { attempt: this.#at.attempt, from: this.#at.next }
      : { attempt: wanted.attempt, from: wanted.from, tail: wanted.tail };
    this.#isPinned = this.#at !== null;
    const { epoch } = wanted;
    return { type: "follow_log", workflow_id, step, epoch, ...where };
  }

  /** After the end of a pinned attempt: nothing of it again, but what comes after it. */
  askForNewer(): FollowLogMessage {
    const { workflow_id, step, wanted } = this;
    this.#isPinned = false;
    const { epoch } = wanted;
    return { type: "follow_log", workflow_id, step, epoch, tail: 0 };
  }

  received(frame: LogFrame | LogEndFrame | LogAwayFrame): AskNext {
    if (frame.type === "log_away") return this.#away(frame);
    this.isThere();
    return frame.type === "log" ? this.#log(frame) : this.#end(frame);
  }

  /** For what REST gave: it was asked for from where we are. */
  take(piece: LogPiece): void {
    this.#at = { attempt: piece.attempt, next: piece.next };
    this.#isAsking = false;
    this.#tell(() => this.#listener.piece(piece));
  }

  /** Nothing of this attempt came yet, but this is where it will. */
  begin(place: LogPlace): void {
    this.#at = place;
  }

  over(): void {
    if (!this.#at || this.isOver) return;
    this.#toldOver = this.#at;
    const { attempt, next } = this.#at;
    this.#tell(() => this.#listener.end?.({ reason: "over", attempt, next }));
  }

  problem(sentence: string): void {
    this.#tell(() => this.#listener.problem?.(sentence));
  }

  /** The node that keeps it is not away, or nobody says so any more. */
  isThere(): void {
    if (this.#awayNode) this.#tell(() => this.#listener.away?.(null));
    this.#awayNode = null;
  }

  gone(reason: "cleared" | "unknown"): void {
    if (this.#isFinal) return;
    this.#isFinal = true;
    const { attempt = null, next = null } = reason === "cleared" ? (this.#at ?? {}) : {};
    this.#tell(() => this.#listener.end?.({ reason, attempt, next }));
  }

  #log(frame: LogFrame): AskNext {
    const { attempt, from, next, text, skipped = 0, at } = frame;
    if (!this.#isWanted(attempt)) return "nothing";
    const isNewer = this.#at !== null && attempt > this.#at.attempt;
    if (isNewer) this.#at = { attempt, next: 0 };
    const expected = this.#at?.next ?? this.#firstByte();
    const start = from - skipped;
    // Less than we had means that a power cut took what we were told of: then there is no more than this.
    const isLess = this.#isFirst && this.#isAsking && !isNewer && start < (expected ?? 0);
    if (expected === null || start === expected || isLess) {
      this.take({ attempt, from, next, text, skipped, ...(at && { at }) });
      return "nothing";
    }
    if (isNewer) return "again";
    if (this.#isAsking || !this.#at || next <= this.#at.next) return "nothing";
    return "again";
  }

  #end({ attempt, next, reason }: LogEndFrame): AskNext {
    if (reason !== "over") {
      this.gone(reason);
      return "nothing";
    }
    if (attempt === null || next === null || !this.#isWanted(attempt)) return "nothing";
    if (this.#at === null) {
      if (next > 0 && this.#firstByte() === 0) return "nothing"; // It answers an earlier question: ours brings bytes first.
      this.#at = { attempt, next };
    }
    if (attempt > this.#at.attempt) {
      this.#at = { attempt, next: 0 };
      if (next > 0) return "again";
    }
    if (next !== this.#at.next) return this.#isAsking || next < this.#at.next ? "nothing" : "again";
    this.#isAsking = false;
    this.over();
    return this.#isPinned && this.wanted.attempt === undefined ? "newer attempts" : "nothing";
  }

  #away({ attempt, node, since }: LogAwayFrame): AskNext {
    if (since === null) this.isThere();
    else if (node !== this.#awayNode && this.#isWanted(attempt)) {
      this.#awayNode = node;
      this.#tell(() => this.#listener.away?.({ node, since: Date.parse(since) }));
    }
    return "nothing";
  }

  #isWanted(attempt: number): boolean {
    if (this.wanted.attempt !== undefined) return attempt === this.wanted.attempt;
    return this.#at === null || attempt >= this.#at.attempt;
  }

  /** Null where only the server can know. */
  #firstByte(): number | null {
    return this.wanted.tail === undefined ? (this.wanted.from ?? 0) : null;
  }

  #tell(run: () => void): void {
    if (this.#isHeard) callGuarded(run);
  }
}

const isSame = (one: LogPlace, other: LogPlace | null): boolean =>
  one.attempt === other?.attempt && one.next === other.next;
