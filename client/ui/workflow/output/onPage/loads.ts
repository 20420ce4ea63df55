/** Reads parts of a log by REST, one at a time; the newest wish replaces an older one, and a failed one can be tried again. */
import type { LogPiece } from "../../../../index.js";
import type { LogOnPage } from "./logOnPage.js";

type Loading = NonNullable<LogOnPage["loading"]>;

/** True until something else is wanted. */
export type IsCurrent = () => boolean;

export class Loads {
  loading: Loading | null = null;
  /** Why what was wanted is not there. */
  trouble: string | null = null;
  /** Pieces that are told while a part is read that may reach the end. */
  held: LogPiece[] = [];
  readonly #changed: () => void;
  /** A newer reading replaces the one before. */
  #id = 0;
  #again: () => Promise<unknown> = async () => {};

  /** `changed` is called where a reading begins and where it ends. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Never rejects: a failure is `trouble`. */
  async run(what: Loading, read: (isCurrent: IsCurrent) => Promise<void>): Promise<void> {
    this.#id += 1;
    const id = this.#id;
    const isCurrent = () => id === this.#id;
    this.loading = what;
    this.held = [];
    this.trouble = null;
    this.#again = () => this.run(what, read);
    this.#changed();
    try {
      await read(isCurrent);
    } catch (error) {
      if (isCurrent())
        this.trouble = `Not loaded: ${error instanceof Error ? error.message : error}`;
    }
    if (isCurrent()) this.done();
  }

  /** Nothing is read any more, or wanted to be. */
  done(): void {
    this.drop();
    this.held = [];
    this.#changed();
  }

  /** As `done`, where something else changes as well. */
  drop(): void {
    this.#id += 1;
    this.loading = null;
  }

  /** Does once more what did not work. */
  retry(): void {
    void this.#again();
  }
}
