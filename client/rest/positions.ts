/** The last position this client saw of each workflow: what its next whole save is made from. */
import type { Position } from "../../shared/schema/position.js";

/** Workflows remembered, the newest ones. */
const REMEMBERED = 1_000;

export class Positions {
  readonly #positions = new Map<string, Position>();

  get(workflow_id: string): Position | null {
    return this.#positions.get(workflow_id) ?? null;
  }

  /** From an answer to a load or a save: whoever asked knows this state now. */
  learn(workflow_id: string, { epoch, revision }: Position): void {
    const known = this.#positions.get(workflow_id);
    // Answers may overtake each other.
    if (known?.epoch === epoch && known.revision > revision) return;
    this.#positions.delete(workflow_id);
    this.#positions.set(workflow_id, { epoch, revision });
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > REMEMBERED && oldest !== undefined) this.#positions.delete(oldest);
  }

  /**
   * From a mirror. It does not move on to another epoch of the workflow: a tab that still holds the old one must not
   * save over the new one only because both were shown.
   */
  show(workflow_id: string, position: Position): void {
    const known = this.#positions.get(workflow_id);
    if (!known || known.epoch === position.epoch) this.learn(workflow_id, position);
  }

  /** Gone, and known to be: a save with this id begins anew. */
  forget(workflow_id: string): void {
    this.#positions.delete(workflow_id);
  }
}
