/** Tells listeners in a microtask: soon, once for all that changed together, and in a hidden tab as well. */
import type { Subject } from "./subject.js";

export class Telling {
  readonly #refresh: (subject: Subject) => void;
  readonly #changed = new Set<Subject>();
  #isDue = false;

  constructor(refresh: (subject: Subject) => void) {
    this.#refresh = refresh;
  }

  /** Whether the subject's view may be older than what is known. */
  isDueFor(subject: Subject): boolean {
    return this.#changed.has(subject);
  }

  touch(subject: Subject): void {
    this.#changed.add(subject);
    if (this.#isDue) return;
    this.#isDue = true;
    // Not an animation frame: a hidden tab gets none, and its title must change there too.
    queueMicrotask(() => {
      this.#isDue = false;
      const subjects = [...this.#changed];
      this.#changed.clear();
      // First all views, so that a listener that looks at another subject sees the same moment.
      for (const each of subjects) this.#refresh(each);
      for (const each of subjects) each.tell();
    });
  }
}
