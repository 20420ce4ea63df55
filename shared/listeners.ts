/** Listeners that are told one after the other. One that throws is a bug, and stops neither the others nor the teller. */

interface Listening<Told> {
  readonly hear: (told: Told) => void;
}

export class Listeners<Told> {
  readonly #all = new Set<Listening<Told>>();
  readonly #onFailure: (error: unknown, told: Told) => void;

  /** `onFailure` is given what a listener throws; without it, the error is thrown once more where nobody catches it. */
  constructor(onFailure: (error: unknown, told: Told) => void = throwLater) {
    this.#onFailure = onFailure;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Each call adds one, in the order in which they are told. The returned function takes it back. */
  listen(hear: (told: Told) => void): () => void {
    const listening: Listening<Told> = { hear };
    this.#all.add(listening);
    return () => void this.#all.delete(listening);
  }

  /** Tells everyone who listens now; a listener that another one takes back meanwhile is not told any more. */
  tell(told: Told): void {
    for (const listening of [...this.#all]) {
      if (this.#all.has(listening))
        callGuarded(
          () => listening.hear(told),
          (error) => this.#onFailure(error, told),
        );
    }
  }
}

/** Calls what is not ours. */
export function callGuarded(run: () => void, onFailure: (error: unknown) => void = throwLater) {
  try {
    run();
  } catch (error) {
    onFailure(error);
  }
}

/** So that a bug is loud: as an uncaught error of the tab or the process. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
