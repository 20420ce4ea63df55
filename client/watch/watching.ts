/** Everything that is watched: subscribes, hands each frame to its mirror, and has the listeners told. */
import type { Clock } from "../../shared/clock.js";
import { CURRENT } from "../../shared/names.js";
import type { ClientMessage } from "../../shared/schema/clientMessages.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { Timer } from "../wire/timer.js";
import type { DocumentFrame, PollAnswer } from "./followedDocument.js";
import type { Subject } from "./subject.js";
import { Subjects } from "./subjects.js";
import { Telling } from "./telling.js";
import type { View } from "./view.js";

/** After a refused subscription (too many, too fast). */
const ASK_AGAIN_MS = 5_000;

export interface WatchingParts {
  readonly clock: Clock;
  /** False where there is no socket; `greeted` comes when there is one. */
  send(message: ClientMessage): boolean;
  /** Server time now. */
  serverNow(): number;
  /** Whether anything is watched may have changed. */
  demandChanged(): void;
  /** Every subscription on this socket has been answered. */
  synced(): void;
  /** A position that a listener can see. */
  saw(workflow_id: string, position: Position): void;
}

export class Watching {
  readonly #parts: WatchingParts;
  readonly #subjects = new Subjects();
  readonly #telling = new Telling((subject) => this.#refresh(subject));
  readonly #refused = new Set<Subject>();
  readonly #askingAgain: Timer;
  /** Nothing is owed to us, or there is no socket that could owe it. */
  #isSynced = true;
  #problem: string | null = null;
  #staleSince: number | null = null;

  constructor(parts: WatchingParts) {
    this.#parts = parts;
    this.#askingAgain = new Timer(parts.clock);
  }

  watch(name: string, listener: (view: View) => void): () => void {
    const subject = this.#subjects.ensure(name);
    const isFirst = !subject.isWatched;
    const stop = subject.listen(listener);
    const followed = this.#subjects.document(name);
    if (isFirst || followed?.closed) {
      // A workflow that was closed may have begun again since; a new listener is a reason to ask.
      if (followed) followed.closed = null;
      this.#ask(subject);
    }
    this.#telling.touch(subject);
    this.#parts.demandChanged();
    return () => {
      if (stop()) this.#rest(subject);
    };
  }

  view(name: string): View {
    const subject = this.#subjects.ensure(name);
    if (this.#telling.isDueFor(subject) || this.#problem !== null) this.#refresh(subject);
    return subject.view;
  }

  /** Why nothing comes, for those who watch; null where that is over. */
  problem(sentence: string | null): void {
    if (sentence === this.#problem) return;
    this.#problem = sentence;
    for (const subject of this.#subjects) this.#telling.touch(subject);
  }

  /** Since when the server cannot follow its store (server time); null once it does again: then a workflow it did not know is asked for once more. */
  stale(since: number | null): void {
    if (since === this.#staleSince) return;
    this.#staleSince = since;
    for (const subject of this.#subjects) {
      const followed = this.#subjects.documentOf(subject);
      if (subject.isLive(followed)) subject.confirmedAt = since ?? this.#parts.serverNow();
      this.#telling.touch(subject);
      if (since !== null || !subject.isWatched || followed?.closed !== "unknown") continue;
      followed.closed = null;
      this.#ask(subject);
    }
  }

  /** The names to be kept up to date: watched, and not closed. */
  get open(): readonly string[] {
    return [...this.#subjects].filter((one) => this.#subjects.isOpen(one)).map((one) => one.name);
  }

  get isWatching(): boolean {
    return [...this.#subjects].some((subject) => subject.isWatched);
  }

  /** A new socket: everything is asked again, from where each mirror stands. */
  greeted(): void {
    this.#doubtAll();
    this.#isSynced = false;
    for (const subject of this.#subjects) if (this.#subjects.isOpen(subject)) this.#ask(subject);
    this.#checkSynced();
  }

  received(frame: ServerMessage): void {
    switch (frame.type) {
      case "current":
        this.#current(frame.workflow_id);
        break;
      case "snapshot":
      case "changed":
      case "resumed":
      case "closed":
        this.#document(frame);
        break;
      case "refused":
        if (frame.request_id === null && frame.workflow_id !== undefined)
          this.#refuse(frame.workflow_id, frame.retry);
        break;
      case "hello":
      case "accepted":
      case "log":
      case "log_end":
      case "storage":
      case "stale":
      case "heartbeat":
      case "pong":
        return;
    }
    this.#checkSynced();
  }

  /** The socket is gone; `heardAt` is the server time of its last sign of life. The state that is shown is no longer confirmed. */
  lost(heardAt: number): void {
    this.#isSynced = true;
    this.#askingAgain.cancel();
    this.#refused.clear();
    for (const subject of this.#subjects) {
      if (subject.isWatched && subject.isLive(this.#subjects.documentOf(subject)))
        subject.confirmedAt = this.#upTo(heardAt);
    }
    this.#doubtAll();
  }

  /** The position to ask REST from; null for "nothing there", undefined where only a whole answer helps. */
  positionOf(name: string): Position | null | undefined {
    const subject = this.#subjects.find(name);
    if (subject?.follows === null) return null;
    return (subject && this.#subjects.documentOf(subject)?.mirror.position) ?? undefined;
  }

  /** An answer of the REST fallback, asked for at `askedAt` (server time). */
  polled(name: string, answer: PollAnswer, askedAt: number): void {
    const subject = this.#subjects.find(name);
    if (!subject || !this.#subjects.isOpen(subject)) return;
    if (name === CURRENT && answer.kind === "state")
      this.#subjects.follow(subject, answer.state.workflow_id);
    if (name === CURRENT && answer.kind === "nothing") this.#subjects.follow(subject, null);
    const followed = this.#subjects.documentOf(subject);
    followed?.polled(answer);
    if (answer.kind === "state") this.#parts.saw(answer.state.workflow_id, answer.at);
    subject.isAnswered = true;
    if (followed?.isSettled ?? true) subject.confirmedAt = this.#upTo(askedAt);
    this.#telling.touch(subject);
  }

  /** The state that is shown is no longer confirmed. */
  pollFailed(name: string): void {
    const subject = this.#subjects.find(name);
    if (!subject) return;
    subject.isAnswered = false;
    this.#telling.touch(subject);
  }

  #refresh(subject: Subject): void {
    subject.refresh(this.#subjects.documentOf(subject), this.#problem, this.#staleSince);
  }

  /** A view that is confirmed by a server that cannot follow its store is as of when it last could. */
  #upTo(time: number): number {
    return Math.min(time, this.#staleSince ?? time);
  }

  #ask(subject: Subject): void {
    const last = this.#subjects.documentOf(subject)?.mirror.position ?? null;
    const isAsked = this.#parts.send({ type: "subscribe", workflow_id: subject.name, last });
    if (isAsked) subject.awaits = subject.name === CURRENT ? "current" : "document";
  }

  #current(workflow_id: string | null): void {
    const subject = this.#subjects.find(CURRENT);
    if (!subject?.isWatched) return;
    this.#subjects.follow(subject, workflow_id);
    subject.awaits = workflow_id === null ? "nothing" : "document";
    subject.isAnswered = true;
    subject.confirmedAt = this.#upTo(this.#parts.serverNow());
    this.#telling.touch(subject);
  }

  #document(frame: DocumentFrame): void {
    const id = frame.workflow_id;
    const followed = this.#subjects.document(id);
    const watchers = this.#subjects.watchersOf(id);
    const [first] = watchers;
    // After an unsubscribe a few frames may still be on their way.
    if (!followed || !first) return;

    const before = followed.mirror.shown;
    const isMissingSome = followed.receive(frame);
    const { isSettled } = followed;
    const isAnswer = frame.type !== "changed" && (isSettled || followed.isAhead);
    const { shown } = followed.mirror;
    if (shown && shown !== before) this.#parts.saw(id, shown);
    for (const subject of watchers) {
      if (isAnswer) {
        subject.isAnswered = true;
        if (subject.awaits === "document") subject.awaits = "nothing";
      }
      if (isSettled) subject.confirmedAt = this.#upTo(this.#parts.serverNow());
      this.#telling.touch(subject);
    }
    if (isMissingSome) this.#ask(first);
  }

  #refuse(name: string, retry: boolean): void {
    const subject = this.#subjects.find(name);
    if (!subject?.isWatched) return;
    subject.awaits = "nothing";
    if (retry) return this.#askAgain(subject);
    const followed = this.#subjects.documentOf(subject);
    if (followed) followed.closed = "unknown";
    this.#telling.touch(subject);
  }

  #askAgain(subject: Subject): void {
    this.#refused.add(subject);
    if (this.#askingAgain.isSet) return;
    this.#askingAgain.set(ASK_AGAIN_MS, () => {
      const subjects = [...this.#refused].filter((each) => this.#subjects.isOpen(each));
      this.#refused.clear();
      for (const each of subjects) this.#ask(each);
    });
  }

  #doubtAll(): void {
    for (const followed of this.#subjects.documents) followed.doubt();
    for (const subject of this.#subjects) {
      subject.isAnswered = false;
      subject.awaits = "nothing";
      this.#telling.touch(subject);
    }
  }

  #rest(subject: Subject): void {
    this.#parts.send({ type: "unsubscribe", workflow_id: subject.name });
    const followed = this.#subjects.documentOf(subject);
    if (subject.isLive(followed)) subject.confirmedAt = this.#upTo(this.#parts.serverNow());
    subject.awaits = "nothing";
    subject.isAnswered = false;
    this.#refused.delete(subject);
    if (followed && this.#subjects.watchersOf(followed.id).length === 0) followed.doubt();
    this.#subjects.rest(subject);
    this.#telling.touch(subject);
    this.#checkSynced();
    this.#parts.demandChanged();
  }

  #checkSynced(): void {
    if (this.#isSynced) return;
    for (const subject of this.#subjects) {
      if (subject.isWatched && subject.awaits !== "nothing") return;
    }
    this.#isSynced = true;
    this.#parts.synced();
  }
}
