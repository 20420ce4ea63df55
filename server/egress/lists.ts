/** The document `*` for each scope that somebody watches. */
import { EVERYTHING, type Scope } from "../state/scope.js";
import { ListDocument, type ListParts } from "./listDocument.js";
import type { Outbox } from "./outbox.js";

/** This many lists without watchers are kept: a new list looks at every workflow, so a tab that leaves and comes back should find the old one. */
const MOST_UNWATCHED = 4;

export class Lists {
  readonly #parts: ListParts;
  /** By their scopes; the one of everything stays. */
  readonly #lists = new Map<string, ListDocument>();

  constructor(parts: ListParts) {
    this.#parts = parts;
    this.of(EVERYTHING);
  }

  of(scope: Scope): ListDocument {
    const list = this.#lists.get(scope.key) ?? new ListDocument(this.#parts, scope);
    // The list that was asked for last is the last to be dropped.
    this.#lists.delete(scope.key);
    this.#lists.set(scope.key, list);
    return list;
  }

  leave(outbox: Outbox): void {
    this.#lists.get(outbox.scope.key)?.channel.leave(outbox);
    this.#closeUnwatched();
  }

  close(): void {
    for (const list of this.#lists.values()) list.close();
  }

  #closeUnwatched(): void {
    const isKept = ([key, { channel }]: [string, ListDocument]) =>
      key === EVERYTHING.key || channel.watched;
    const unwatched = [...this.#lists].filter((one) => !isKept(one));
    for (const [key, list] of unwatched.slice(0, -MOST_UNWATCHED)) {
      list.close();
      this.#lists.delete(key);
    }
  }
}
