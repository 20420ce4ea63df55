/** A mirrored document and what we know of it. Shared by those who name it and by "current" while it is that. */

import { LIST } from "../../shared/names.js";
import type { Position } from "../../shared/schema/position.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { ClosedReason, ListState, ServerMessage } from "../../shared/wire/serverMessages.js";
import { looksLikeList, looksLikeState } from "../wire/frames.js";
import { Mirror, type MirrorOutcome } from "./mirror.js";

export type DocumentFrame = Extract<
  ServerMessage,
  { type: "snapshot" | "changed" | "resumed" | "closed" }
>;

/** The answer of the REST fallback about a subject. */
export type PollAnswer =
  | { readonly kind: "same" }
  | { readonly kind: "nothing"; readonly isDamaged?: boolean }
  | { readonly kind: "state"; readonly at: Position; readonly state: WorkflowState }
  | { readonly kind: "list"; readonly list: ListState };

export class FollowedDocument {
  readonly id: string;
  readonly mirror: Mirror<WorkflowState | ListState>;
  /** Known to be up to date: on the present connection, or by the last poll. */
  isConfirmed = false;
  /** Answered by a server that is behind what is shown: confirmed once its changes have come as far. */
  isAhead = false;
  closed: ClosedReason | null = null;
  /** Subscribed again, from our position or for a whole state, and not yet answered. */
  #askedFor: "rest" | "whole" | null = null;

  constructor(id: string) {
    this.id = id;
    this.mirror = new Mirror(id === LIST ? looksLikeList : looksLikeState);
  }

  /** It is known how it stands: up to date, or at its end. */
  get isSettled(): boolean {
    return this.isConfirmed || this.closed !== null;
  }

  /** True where the frame shows that something is missing and nobody has asked for it yet: then subscribe again. */
  receive(frame: DocumentFrame): boolean {
    switch (frame.type) {
      case "snapshot":
        return this.#settle(this.mirror.snapshot(frame, frame.state), true);
      case "resumed":
        return this.#settle(this.mirror.resumed(frame), true);
      case "changed":
        // A replay ends with "resumed": until then we know that we do not know all.
        return this.#settle(this.mirror.changed(frame), this.isConfirmed || this.isAhead);
      case "closed":
        this.doubt();
        this.closed = frame.reason;
        return false;
    }
  }

  polled(answer: PollAnswer): void {
    this.isConfirmed = answer.kind !== "nothing";
    switch (answer.kind) {
      case "same":
        return;
      case "nothing":
        if (answer.isDamaged) this.closed = "damaged";
        else this.closed = this.mirror.state === null ? "unknown" : "cleared";
        return;
      case "state":
        this.closed = null;
        // A cache on the way may still have had it: then it says nothing of what is shown.
        this.isConfirmed = this.mirror.snapshot(answer.at, answer.state) !== "older";
        return;
      case "list":
        if (JSON.stringify(this.mirror.state) !== JSON.stringify(answer.list))
          this.mirror.replace(answer.list);
        return;
    }
  }

  /** The state that is shown is no longer confirmed. */
  doubt(): void {
    this.isConfirmed = false;
    this.#askedFor = null;
    this.isAhead = false;
  }

  #settle(outcome: MirrorOutcome, isAnswer: boolean): boolean {
    switch (outcome) {
      case "moved":
      case "same":
        this.isConfirmed = isAnswer;
        if (!isAnswer) return false;
        this.#askedFor = null;
        this.isAhead = false;
        this.closed = null;
        return false;
      case "older":
        // Of what is live it repeats something. As an answer it comes from a server that has yet to hear what is shown.
        this.isAhead = isAnswer && !this.isConfirmed;
        return false;
      case "broken":
      case "gap": {
        this.isConfirmed = false;
        this.isAhead = false;
        // Asked once, however many frames show it: a server that keeps answering besides the question gets no storm.
        const needed = this.mirror.position === null ? "whole" : "rest";
        const isNews = this.#askedFor !== needed;
        this.#askedFor = needed;
        return isNews;
      }
    }
  }
}
