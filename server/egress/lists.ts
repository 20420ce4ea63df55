/** The document `*` for each scope that somebody watches. */
import { EVERYTHING, type Scope } from "../state/scope.js";
import { ListDocument, type ListParts } from "./listDocument.js";
import type { Outbox } from "./outbox.js";

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
    this.#lists.set(scope.key, list);
    return list;
  }

  leave(outbox: Outbox): void {
    const { scope } = outbox;
    const list = this.of(scope);
    list.channel.leave(outbox);
    if (scope.isEverything || list.channel.watched) return;
    list.close();
    this.#lists.delete(scope.key);
  }

  close(): void {
    for (const list of this.#lists.values()) list.close();
  }
}
