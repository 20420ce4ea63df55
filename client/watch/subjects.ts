/** The watched names and the documents they show, and for how long each is kept. */
import { CURRENT } from "../../shared/names.js";
import { FollowedDocument } from "./followedDocument.js";
import { Subject } from "./subject.js";

/** Subjects nobody watches any more whose mirror is kept, so that coming back to a page is quick and goes on from there. */
const RESTING = 32;

export class Subjects {
  readonly #subjects = new Map<string, Subject>();
  readonly #documents = new Map<string, FollowedDocument>();

  [Symbol.iterator](): IterableIterator<Subject> {
    return this.#subjects.values();
  }

  get documents(): IterableIterator<FollowedDocument> {
    return this.#documents.values();
  }

  find(name: string): Subject | undefined {
    return this.#subjects.get(name);
  }

  ensure(name: string): Subject {
    let subject = this.#subjects.get(name);
    if (!subject) {
      subject = new Subject(name);
      this.#subjects.set(name, subject);
      if (name !== CURRENT) this.#ensureDocument(name);
      this.#forgetOldest();
    }
    return subject;
  }

  document(id: string): FollowedDocument | undefined {
    return this.#documents.get(id);
  }

  documentOf(subject: Subject): FollowedDocument | undefined {
    return subject.follows == null ? undefined : this.#documents.get(subject.follows);
  }

  /** The subjects that show this document: that of its name, "current", or both. */
  watchersOf(id: string): Subject[] {
    const byName = this.#subjects.get(id);
    const current = this.#subjects.get(CURRENT);
    const both = [byName, current?.follows === id ? current : undefined];
    return both.filter((subject) => subject?.isWatched === true) as Subject[];
  }

  /** Watched, and there is more to come: what has closed no longer changes. */
  isOpen(subject: Subject): boolean {
    return subject.isWatched && (subject.name === CURRENT || !this.documentOf(subject)?.closed);
  }

  /** "current" moves on to another workflow, or to none. */
  follow(subject: Subject, id: string | null): void {
    if (subject.follows === id) return;
    const before = this.documentOf(subject);
    subject.follows = id;
    // Nothing of it comes any more: it is not live should it be current again.
    if (before && this.watchersOf(before.id).length === 0) before.doubt();
    if (id !== null) this.#ensureDocument(id);
    this.#forgetUnfollowed();
  }

  /** Nobody watches it any more: it is kept for a while, the newest the longest. */
  rest(subject: Subject): void {
    this.#subjects.delete(subject.name);
    this.#subjects.set(subject.name, subject);
    this.#forgetOldest();
  }

  #ensureDocument(id: string): void {
    if (!this.#documents.has(id)) this.#documents.set(id, new FollowedDocument(id));
  }

  #forgetOldest(): void {
    const resting = [...this].filter((subject) => !subject.isWatched);
    const surplus = Math.max(0, resting.length - RESTING);
    for (const subject of resting.slice(0, surplus)) this.#subjects.delete(subject.name);
    this.#forgetUnfollowed();
  }

  #forgetUnfollowed(): void {
    const kept = new Set([...this].map((subject) => subject.follows));
    for (const id of this.#documents.keys()) if (!kept.has(id)) this.#documents.delete(id);
  }
}
