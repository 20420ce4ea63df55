/** Jobs about the same thing, one after the other. */

export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>();

  /** As the job ends; it begins once those that came before under this key have ended, however they did. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).catch(() => {}).then(job);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
