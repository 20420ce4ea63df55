/** Remembers which tab waits for the answer to which request. */
import type { Member } from "./member.js";

interface Asked {
  readonly members: Set<Member>;
  readonly characters: number;
}

export class RelayedProposals {
  readonly #asked = new Map<string, Asked>();

  sent(member: Member, requestId: string, characters: number): void {
    // The same request may come from two tabs: one outcome, told to both.
    const members = this.#asked.get(requestId)?.members ?? new Set();
    this.#asked.set(requestId, { members: members.add(member), characters });
  }

  answered(requestId: string, text: string): void {
    const members = this.#asked.get(requestId)?.members ?? [];
    this.#asked.delete(requestId);
    for (const member of members) member.answer(text);
  }

  /** The tab of the largest proposal that is not answered; null where all are. */
  largestFrom(): Member | null {
    const [largest] = [...this.#asked.values()].sort((a, b) => b.characters - a.characters);
    return largest ? ([...largest.members][0] ?? null) : null;
  }

  /** The tab is gone. */
  drop(member: Member): void {
    for (const [requestId, { members }] of this.#asked) {
      if (members.delete(member) && members.size === 0) this.#asked.delete(requestId);
    }
  }

  lost(): void {
    this.#asked.clear();
  }
}
