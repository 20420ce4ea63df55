/** Says entries again in the journal that would keep its older files for long. */
import type { Journal } from "../journal/journal.js";
import type { Checkpoints } from "./checkpoints.js";
import { encodeEntry, type JournalEntry } from "./journalEntries.js";

export class Restating {
  readonly #journal: Pick<Journal, "append">;
  readonly #checkpoints: Pick<Checkpoints, "held" | "hurry">;
  /** Characters that were said since the last time. */
  #saidSince = 0;
  /** Characters that it took the last time. */
  #lastTook = 0;

  constructor(journal: Pick<Journal, "append">, checkpoints: Pick<Checkpoints, "held" | "hurry">) {
    this.#journal = journal;
    this.#checkpoints = checkpoints;
  }

  /** The text of an entry that is said for the first time. */
  encode(entry: JournalEntry): string {
    const text = encodeEntry(entry);
    this.#saidSince += text.length;
    return text;
  }

  /** The journal has begun a new file. Nothing is said again before as much as that takes was said beside it: the journal would write little else. */
  moveOn(): void {
    if (this.#saidSince >= this.#lastTook) this.#restate();
    this.#checkpoints.hurry();
  }

  #restate(): void {
    this.#saidSince = 0;
    this.#lastTook = 0;
    for (const { entries, restated } of this.#checkpoints.held) {
      const last = entries.length - 1;
      for (const [at, entry] of entries.entries()) {
        const text = encodeEntry(entry);
        this.#lastTook += text.length;
        // Refused: the older files stay for longer.
        void this.#journal
          .append(text, (segment) => at === last && restated(segment))
          .catch(() => {});
      }
    }
  }
}
