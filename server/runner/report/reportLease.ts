/** The lease under which reports are made. It may be lost and had again: reports that were refused meanwhile are made again, under the new token. */
import type { LiveRecord } from "../../state/store/record.js";

export class ReportLease {
  #token: number;
  #lost: LiveRecord | null = null;
  #isRegained: Promise<boolean> = Promise.resolve(false);
  #end: (isRegained: boolean) => void = () => {};

  constructor(token: number) {
    this.#token = token;
  }

  get token(): number {
    return this.#token;
  }

  /** The record by which it was lost, while it may be had again; null at any other time. */
  get lost(): LiveRecord | null {
    return this.#lost;
  }

  /** From now on reports wait. */
  lose(record: LiveRecord): void {
    if (this.#lost === null)
      this.#isRegained = new Promise((resolve) => {
        this.#end = resolve;
      });
    this.#lost = record;
  }

  /** Reports go on under this token. */
  regain(token: number): void {
    this.#token = token;
    this.#lost = null;
    this.#end(true);
  }

  /** It is not had again: what waits is refused. */
  giveUp(): void {
    this.#lost = null;
    this.#isRegained = Promise.resolve(false);
    this.#end(false);
  }

  /** Resolves with whether a report that was refused under that token may be made again. */
  async isRegained(token: number): Promise<boolean> {
    return token !== this.#token || this.#isRegained;
  }
}
