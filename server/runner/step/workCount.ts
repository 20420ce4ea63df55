/** Counts what a workflow has at work: commands that outlive the server, and all else, which ends with it. */

export class WorkCount {
  #kept = 0;
  #others = 0;

  /** Returns what says that it has ended. */
  begin(isKept: boolean): () => void {
    if (isKept) this.#kept += 1;
    else this.#others += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (isKept) this.#kept -= 1;
      else this.#others -= 1;
    };
  }

  /** Commands in their keepers' hands. */
  get kept(): number {
    return this.#kept;
  }

  get others(): number {
    return this.#others;
  }
}
