/** Tells listeners in the order they came, each once; one that throws stops neither the others nor the teller. */

export class Announcer<T> {
  readonly #listeners = new Set<(event: T) => void>();

  listen(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  announce(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A throwing listener is a bug: let it surface, but never stall the line behind it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
