/** One watched name: its listeners, and what they were told last. */

import { callGuarded } from "../../shared/listeners.js";
import { CURRENT, LIST } from "../../shared/names.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import type { ListState } from "../../shared/wire/serverMessages.js";
import type { FollowedDocument } from "./followedDocument.js";
import { looksTheSame, type View, type ViewPhase } from "./view.js";

interface Ear {
  readonly hear: (view: View) => void;
  told: View | null;
}

export class Subject {
  readonly name: string;
  readonly #ears = new Set<Ear>();
  /** The id of the document that is shown: the one it names, or the one that "current" follows; null for none, undefined before we were told. */
  follows: string | null | undefined;
  /** The answer that the socket still owes us since we subscribed. */
  awaits: "nothing" | "current" | "document" = "nothing";
  /** Answered, on the present connection or by the last poll. */
  isAnswered = false;
  /** Server time up to which the answer is known to hold. */
  confirmedAt: number | null = null;
  #view: View;

  constructor(name: string) {
    this.name = name;
    this.follows = name === CURRENT ? undefined : name;
    this.#view = {
      subject: name,
      workflow_id: name === CURRENT || name === LIST ? null : name,
      phase: "loading",
      position: null,
      state: null,
      list: null,
      closed: null,
      problem: null,
      staleSince: null,
      asOf: null,
    };
  }

  get view(): View {
    return this.#view;
  }

  get isWatched(): boolean {
    return this.#ears.size > 0;
  }

  /** Known to be up to date. */
  isLive(followed: FollowedDocument | undefined): boolean {
    return this.isAnswered && (this.follows === null || (followed?.isConfirmed ?? false));
  }

  /** Returns what stops it, which says whether it was the last one. */
  listen(hear: (view: View) => void): () => boolean {
    const ear: Ear = { hear, told: null };
    this.#ears.add(ear);
    return () => this.#ears.delete(ear) && this.#ears.size === 0;
  }

  /** Makes the view from what is known now; it stays the same object where nothing that can be seen has changed. */
  refresh(
    followed: FollowedDocument | undefined,
    problem: string | null,
    staleSince: number | null,
  ): void {
    const phase = this.#phase(followed, problem, staleSince);
    const state = followed?.mirror.state ?? null;
    const next: View = {
      subject: this.name,
      workflow_id: this.name === LIST ? null : (this.follows ?? null),
      phase,
      position: followed?.mirror.shown ?? null,
      state: this.name === LIST ? null : (state as WorkflowState | null),
      list: this.name === LIST ? (state as ListState | null) : null,
      closed: followed?.closed ?? null,
      problem: phase === "live" || phase === "closed" ? null : problem,
      staleSince: this.isLive(followed) || followed?.closed ? staleSince : null,
      asOf: this.confirmedAt,
    };
    if (!looksTheSame(next, this.#view)) this.#view = next;
  }

  /** Tells everyone who has not heard of the present view. */
  tell(): void {
    for (const ear of [...this.#ears]) {
      if (ear.told === this.#view || !this.#ears.has(ear)) continue;
      ear.told = this.#view;
      callGuarded(() => ear.hear(this.view));
    }
  }

  #phase(
    followed: FollowedDocument | undefined,
    problem: string | null,
    staleSince: number | null,
  ): ViewPhase {
    if (followed?.closed) return "closed";
    if (this.isLive(followed)) return staleSince === null ? "live" : "stale";
    const hasNothingToShow = this.follows !== null && (followed?.mirror.state ?? null) === null;
    if (!hasNothingToShow) return "stale";
    return problem === null ? "loading" : "unavailable";
  }
}
