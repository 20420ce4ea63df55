/** Tells listeners in the order they came, each once; one that throws stops neither the others nor the teller. */

export class Announcer<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #onFailure: (error: unknown) => void;

  /** A listener that throws is a bug, which `onFailure` hears of: it must not end the process, nor keep the event from the listeners behind it. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  listen(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  announce(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onFailure(error);
      }
    }
  }
}
