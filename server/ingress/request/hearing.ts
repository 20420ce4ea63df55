/** Questions to the store that servers share, about names that this one does not know. */

/** So many are asked for at once; of what comes beyond, this server's own word counts. */
const MOST_AT_ONCE = 64;

/** Asks for each name once at a time, however many wait for it. */
export class Hearing {
  readonly #asked = new Map<string, Promise<void>>();

  /** Resolves as `ask` does, which never rejects: once this server knows what the store had of it. Null where too many are asked for already. */
  of(name: string, ask: () => Promise<void>): Promise<void> | null {
    const asked = this.#asked.get(name);
    if (asked || this.#asked.size >= MOST_AT_ONCE) return asked ?? null;
    const asking = ask().finally(() => {
      this.#asked.delete(name);
    });
    this.#asked.set(name, asking);
    return asking;
  }
}
