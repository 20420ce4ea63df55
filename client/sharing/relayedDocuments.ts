/**
 * The documents that tabs follow over one socket. The socket follows each once, into a mirror; each tab is answered from the mirror, as
 * the server would answer it, and then hears what the mirror hears.
 */

import { CURRENT } from "../../shared/names.js";
import type { SubscribeMessage } from "../../shared/schema/clientMessages.js";
import type { Position } from "../../shared/schema/position.js";
import type { DocumentFrame } from "../watch/followedDocument.js";
import type { Member } from "./member.js";
import { RelayedDocument } from "./relayedDocument.js";

/** Documents nobody follows that are kept, so that whoever comes back needs no whole state. */
const RESTING = 16;

export interface RelayedDocumentsParts {
  /** To the server. */
  send(message: {
    type: "subscribe" | "unsubscribe";
    workflow_id: string;
    last?: Position | null;
  }): void;
}

export class RelayedDocuments {
  readonly #parts: RelayedDocumentsParts;
  readonly #documents = new Map<string, RelayedDocument>();
  readonly #current = new Map<Member, { isAnswered: boolean; last: Position | null }>();
  /** Undefined before the server said it. */
  #currentId: string | null | undefined;

  constructor(parts: RelayedDocumentsParts) {
    this.#parts = parts;
  }

  subscribe(member: Member, { workflow_id, last = null }: SubscribeMessage): void {
    if (workflow_id === CURRENT) return this.#subscribeCurrent(member, last);
    const document = this.#ensure(workflow_id);
    document.byId.add(member);
    document.asked(member, last);
    // A workflow that was closed may have begun again since.
    if (!document.isSubscribed || document.followed.closed) this.#ask(document);
    document.answer(member);
  }

  unsubscribe(member: Member, workflow_id: string): void {
    if (workflow_id === CURRENT) return this.#unsubscribeCurrent(member);
    const document = this.#documents.get(workflow_id);
    if (!document?.byId.delete(member)) return;
    this.#forgetPlace(document, member);
    this.#rest(document);
  }

  /** The tab is gone. */
  drop(member: Member): void {
    this.#unsubscribeCurrent(member);
    for (const document of [...this.#documents.values()]) {
      document.forget(member);
      if (document.byId.delete(member)) this.#rest(document);
    }
  }

  /** The socket is gone, and with it every subscription. The mirrors stay, to go on from. */
  lost(): void {
    this.#current.clear();
    this.#currentId = undefined;
    for (const document of this.#documents.values()) {
      document.lost();
    }
    this.#forgetOldest();
  }

  /** There is room in the tab's outbox again. */
  room(member: Member): void {
    for (const document of this.#documents.values()) {
      if (member.outbox.isSlow) return;
      document.catchUp(member);
    }
  }

  /** Another workflow is current, or none. */
  moveCurrent(id: string | null): void {
    // After an unsubscribe it may still be on its way.
    if (this.#current.size === 0) return;
    const before = this.#currentDocument;
    const hasMoved = this.#currentId !== id;
    this.#currentId = id;
    if (before && hasMoved) {
      for (const member of this.#current.keys()) this.#forgetPlace(before, member);
      this.#rest(before);
    }
    if (id !== null) {
      const document = this.#ensure(id);
      // By another name than its id nothing closed is followed: a snapshot is on its way.
      if (document.followed.closed && !document.isSubscribed) document.followed.closed = null;
    }
    for (const [member, one] of this.#current) {
      if (hasMoved || !one.isAnswered) this.#tellCurrent(member, one);
    }
  }

  document(frame: DocumentFrame, text: string): void {
    const document = this.#documents.get(frame.workflow_id);
    // After an unsubscribe a few frames may still be on their way.
    if (!document || !this.#isFollowed(document)) return;
    const isMissingSome = document.receive(frame, text);
    if (frame.type === "closed") return this.#closed(document, frame.reason);
    if (isMissingSome) {
      if (document.isSubscribed) this.#ask(document);
      else this.#parts.send({ type: "subscribe", workflow_id: CURRENT, last: document.position });
    }
  }

  /** A subscription. */
  refused(name: string, text: string): void {
    if (name === CURRENT) {
      for (const [member, { isAnswered }] of [...this.#current]) {
        if (isAnswered) continue;
        this.#current.delete(member);
        member.answer(text);
      }
      return;
    }
    const document = this.#documents.get(name);
    if (!document) return;
    document.isSubscribed = false;
    for (const member of [...document.byId]) {
      document.byId.delete(member);
      this.#forgetPlace(document, member);
      member.answer(text);
    }
  }

  #subscribeCurrent(member: Member, last: Position | null): void {
    const isFirst = this.#current.size === 0;
    const one = { isAnswered: false, last };
    this.#current.set(member, one);
    if (this.#currentId !== undefined) this.#tellCurrent(member, one);
    else if (isFirst) this.#askCurrent(last);
  }

  #unsubscribeCurrent(member: Member): void {
    if (!this.#current.delete(member)) return;
    const document = this.#currentDocument;
    if (document) this.#forgetPlace(document, member);
    if (this.#current.size > 0) return;
    this.#parts.send({ type: "unsubscribe", workflow_id: CURRENT });
    this.#currentId = undefined;
    if (document) this.#rest(document);
  }

  get #currentDocument(): RelayedDocument | undefined {
    return this.#currentId == null ? undefined : this.#documents.get(this.#currentId);
  }

  #ensure(id: string): RelayedDocument {
    let document = this.#documents.get(id);
    if (!document) {
      document = new RelayedDocument(id);
      this.#documents.set(id, document);
      this.#forgetOldest();
    }
    return document;
  }

  /** Subscribes the socket to it by its id. */
  #ask(document: RelayedDocument): void {
    document.isSubscribed = true;
    document.followed.closed = null;
    this.#parts.send({ type: "subscribe", workflow_id: document.id, last: document.position });
  }

  #askCurrent(last: Position | null): void {
    const known = [...this.#documents.values()].find(({ position }) => {
      return position !== null && position.epoch === last?.epoch;
    });
    this.#parts.send({ type: "subscribe", workflow_id: CURRENT, last: known?.position ?? null });
  }

  #tellCurrent(member: Member, one: { isAnswered: boolean; last: Position | null }): void {
    const id = this.#currentId ?? null;
    member.answer({ type: "current", workflow_id: id });
    const wasAnswered = one.isAnswered;
    one.isAnswered = true;
    if (id === null) return;
    const document = this.#ensure(id);
    // A tab that follows it by its id too just goes on, unless this answers a question.
    if (wasAnswered && document.byId.has(member)) return;
    document.asked(member, wasAnswered ? null : one.last);
    document.answer(member);
  }

  #closed(document: RelayedDocument, reason: string): void {
    // A damaged workflow sends a snapshot should it be restored.
    if (reason === "damaged") return;
    document.isSubscribed = false;
    document.byId.clear();
    for (const member of document.members) this.#forgetPlace(document, member);
  }

  #isFollowed(document: RelayedDocument): boolean {
    const isCurrent = this.#current.size > 0 && document.id === this.#currentId;
    return document.byId.size > 0 || isCurrent;
  }

  /** The tab follows it by one name less. */
  #forgetPlace(document: RelayedDocument, member: Member): void {
    const isCurrent = this.#current.has(member) && document.id === this.#currentId;
    if (!document.byId.has(member) && !isCurrent) document.forget(member);
  }

  /** Where nobody follows it by its id any more the socket does not either. */
  #rest(document: RelayedDocument): void {
    if (document.byId.size === 0 && document.isSubscribed) {
      document.isSubscribed = false;
      this.#parts.send({ type: "unsubscribe", workflow_id: document.id });
    }
    if (this.#isFollowed(document)) return;
    document.followed.doubt();
    this.#documents.delete(document.id);
    this.#documents.set(document.id, document);
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const resting = [...this.#documents.values()].filter((one) => !this.#isFollowed(one));
    for (const { id } of resting.slice(0, Math.max(0, resting.length - RESTING)))
      this.#documents.delete(id);
  }
}
