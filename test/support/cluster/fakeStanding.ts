/** The place of a server in a cluster as a test says it: its name, and since when it cannot follow the store. */
import type { Standing } from "../../../server/cluster/standing.js";
import { Listeners } from "../../../shared/listeners.js";

export class FakeStanding implements Standing {
  readonly node: string | null;
  readonly #listeners = new Listeners<string | null>();
  #since: string | null = null;

  constructor(node: string | null) {
    this.node = node;
  }

  get staleSince(): string | null {
    return this.#since;
  }

  /** How many listen: none once the server is closed. */
  get listeners(): number {
    return this.#listeners.size;
  }

  listen(listener: (since: string | null) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** From here on the view is as of then; null: it follows again. */
  becomes(since: string | null): void {
    this.#since = since;
    this.#listeners.tell(since);
  }
}
