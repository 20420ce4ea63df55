/** A copy of one document, kept in step by snapshots and changes. Never shows a state older than one it has shown. */

import { apply, PatchError } from "../../shared/json/patch.js";
import type { Position } from "../../shared/schema/position.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";

type Changed = Pick<
  Extract<ServerMessage, { type: "changed" }>,
  "epoch" | "base" | "revision" | "patch"
>;

/**
 * `moved`: there is a new state. `same`: what we hold is what was told. `older`: what was told is older than what was shown, so it says nothing of
 * what is shown. `gap`: something is missing, subscribe again from `position`. `broken`: what
 * came does not fit what we hold, which can no longer be trusted; `position` is null until a snapshot comes.
 */
export type MirrorOutcome = "moved" | "same" | "older" | "gap" | "broken";

export class Mirror<Document> {
  readonly #looksRight: (value: unknown) => boolean;
  #position: Position | null = null;
  #state: Document | null = null;
  /** The newest position that was ever shown: what is shown next must not be older. */
  #shown: Position | null = null;

  constructor(looksRight: (value: unknown) => boolean) {
    this.#looksRight = looksRight;
  }

  /** Where to go on from; null where only a snapshot helps. */
  get position(): Position | null {
    return this.#position;
  }

  get state(): Document | null {
    return this.#state;
  }

  /** The position of `state`; null where it came without one. */
  get shown(): Position | null {
    return this.#shown;
  }

  snapshot({ epoch, revision }: Position, state: Document): MirrorOutcome {
    if (this.#isOlder({ epoch, revision })) return "older";
    if (this.#isAt({ epoch, revision })) return "same";
    this.#show({ epoch, revision }, state);
    return "moved";
  }

  changed({ epoch, base, revision, patch }: Changed): MirrorOutcome {
    // Seen already: a subscription that was answered twice repeats itself.
    if (this.#isOlder({ epoch, revision })) return "older";
    if (!this.#position || this.#state === null || this.#position.epoch !== epoch) return "gap";
    if (revision === this.#position.revision) return "same";
    if (base !== this.#position.revision) return "gap";
    let next: Document;
    try {
      next = apply(this.#state, patch);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      return this.#distrust();
    }
    if (!this.#looksRight(next)) return this.#distrust();
    this.#show({ epoch, revision }, next);
    return "moved";
  }

  /** The server says that there is nothing after this position. */
  resumed(position: Position): MirrorOutcome {
    if (this.#isOlder(position)) return "older";
    return this.#isAt(position) ? "same" : this.#distrust();
  }

  /** A state that came without a position (the list over REST): shown, but there is nothing to go on from. */
  replace(state: Document): MirrorOutcome {
    this.#position = null;
    this.#shown = null;
    this.#state = state;
    return "moved";
  }

  /** Within an epoch of the document the revision says what is older; epochs cannot be compared, and the newer word counts. */
  #isOlder({ epoch, revision }: Position): boolean {
    return this.#shown?.epoch === epoch && revision < this.#shown.revision;
  }

  #isAt({ epoch, revision }: Position): boolean {
    return this.#position?.epoch === epoch && this.#position.revision === revision;
  }

  #show(position: Position, state: Document): void {
    this.#position = position;
    this.#shown = position;
    this.#state = state;
  }

  #distrust(): MirrorOutcome {
    this.#position = null;
    return "broken";
  }
}
