/** Executions that lost their workflow and still end what they started, by the id they had. */
export class Leaving {
  readonly #left = new Map<string, Promise<unknown>>();

  add(workflow_id: string, ended: Promise<void>): void {
    const left = Promise.all([this.#left.get(workflow_id), ended]).finally(() => {
      if (this.#left.get(workflow_id) === left) this.#left.delete(workflow_id);
    });
    this.#left.set(workflow_id, left);
  }

  /** Resolves once nothing runs of workflows that had this id. */
  async untilGone(workflow_id: string): Promise<void> {
    await this.#left.get(workflow_id);
  }

  async untilAllGone(): Promise<void> {
    await Promise.all(this.#left.values());
  }
}
