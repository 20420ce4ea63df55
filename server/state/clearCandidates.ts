/** Lists the workflows that a clear without an id could mean: those in view, and those that ended lately, as the clean-up of their page may still be coming. */
import type { Clock } from "../../shared/clock.js";
import { isEnded } from "../../shared/statuses.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import type { Committed, Store } from "./store/store.js";

/** Far beyond the 30 seconds after which the seed's page cleans up, as timers of a hidden tab ring late. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

export class ClearCandidates {
  readonly #store: Store;
  readonly #clock: Clock;
  /** When an ended workflow left the view, by its id, in elapsed time, the oldest first. */
  readonly #leftAt = new Map<string, number>();

  /** After a restart only the history tells which workflows left the view, and when. */
  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const left = [...store.history.values()].flatMap(({ workflow_id, clear_at }) =>
      clear_at === null ? [] : [{ workflow_id, ago: Math.max(0, clock.now() - clear_at) }],
    );
    left.sort((one, other) => other.ago - one.ago);
    for (const { workflow_id, ago } of left) this.#remember(workflow_id, clock.elapsed() - ago);
  }

  /**
   * Beside the current one: every other workflow in view, those of the history that started after it, and those that ended and left the view
   * within the last ten minutes. The newest come first.
   */
  besides(current: LiveRecord): string[] {
    const { open, history } = this.#store;
    const newer = [...history.values()].filter(({ order }) => order > current.order);
    const found = [...[...open.values()].filter(isLive), ...newer];
    found.sort((one, other) => other.order - one.order);
    const ids = new Set([...found.map(({ workflow_id }) => workflow_id), ...this.#endedLately()]);
    ids.delete(current.workflow_id);
    return [...ids];
  }

  see(change: Committed): void {
    const isOver = change.kind !== "forgotten" && isLive(change.before);
    if (!isOver || (change.kind === "committed" && isLive(change.after))) return;
    const { workflow_id, state } = change.before as WorkflowRecord;
    if (state && isEnded(state.status)) this.#remember(workflow_id, this.#clock.elapsed());
  }

  /** The clean-up of this one has come. */
  forget(workflow_id: string): void {
    this.#leftAt.delete(workflow_id);
  }

  #endedLately(): string[] {
    const since = this.#clock.elapsed() - REMEMBERED_MS;
    return [...this.#leftAt].flatMap(([id, at]) => (at > since ? [id] : [])).reverse();
  }

  #remember(workflow_id: string, at: number): void {
    this.#leftAt.delete(workflow_id);
    this.#leftAt.set(workflow_id, at);
    for (const [id, leftAt] of this.#leftAt) {
      const isOld = leftAt <= this.#clock.elapsed() - REMEMBERED_MS;
      if (!isOld && this.#leftAt.size <= MOST_REMEMBERED) break;
      this.#leftAt.delete(id);
    }
  }
}
