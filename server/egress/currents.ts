/** The current workflow of each scope in which somebody follows it, and the changes that make it another one. */
import type { Scope } from "../state/scope.js";
import { isLive } from "../state/store/record.js";
import type { Committed } from "../state/store/store.js";
import type { Workflows } from "../state/workflows.js";

interface Known {
  readonly scope: Scope;
  id: string | null;
}

/** In this scope another workflow became the current one. */
export interface CurrentMove {
  readonly scope: Scope;
  readonly left: string | null;
  readonly now: string | null;
}

export class Currents {
  readonly #workflows: Pick<Workflows, "currentWithin">;
  readonly #known = new Map<string, Known>();

  constructor(workflows: Pick<Workflows, "currentWithin">) {
    this.#workflows = workflows;
  }

  /** The current workflow of a scope, as its followers were told; null where none is. */
  of(scope: Scope): string | null {
    let known = this.#known.get(scope.key);
    if (!known) {
      known = { scope, id: this.#idIn(scope) };
      this.#known.set(scope.key, known);
    }
    return known.id;
  }

  /** Each scope in which another workflow is current after the change. A scope counts as told once its move was given. */
  *movesBy(change: Committed): Iterable<CurrentMove> {
    for (const known of this.#known.values()) {
      const { scope, id: left } = known;
      if (!mayMoveCurrent(scope, change)) continue;
      known.id = this.#idIn(scope);
      if (known.id !== left) yield { scope, left, now: known.id };
    }
  }

  /** Nobody follows the current workflow of this scope any more. */
  forget(scope: Scope): void {
    this.#known.delete(scope.key);
  }

  #idIn(scope: Scope): string | null {
    return this.#workflows.currentWithin(scope)?.workflow_id ?? null;
  }
}

/** Only a start or an end within the scope may: a look at all open workflows after each save would cost more than the save. */
function mayMoveCurrent(scope: Scope, change: Committed): boolean {
  if (scope.isEverything) return true;
  const after = change.kind === "committed" ? change.after : null;
  const { before } = change;
  const isSameEpoch = isLive(before) && isLive(after) && before.epoch === after.epoch;
  return !isSameEpoch && scope.has((after ?? before)?.workflow_id ?? "");
}
