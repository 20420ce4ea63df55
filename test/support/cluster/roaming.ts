/** A client's way to a cluster: it stays with one server while that answers, and goes on to the next one where it does not. */
import type { Where } from "../model/insistentWriters.js";

/** Null while it is not there. */
export interface Address {
  readonly url: string | null;
}

/** Between a server that did not answer and the next one. */
const PAUSE_MS = 20;

export class Roaming implements Where {
  readonly #servers: readonly Address[];
  #at: number;
  #mustPause = false;

  /** Begins with that one of them. */
  constructor(servers: readonly Address[], first: number) {
    this.#servers = servers;
    this.#at = first % servers.length;
  }

  get url(): Promise<string> {
    return this.#find();
  }

  failedAt(url: string): void {
    this.#mustPause = true;
    if (this.#servers[this.#at]?.url === url) this.#goOn();
  }

  async #find(): Promise<string> {
    for (;;) {
      if (this.#mustPause) await new Promise((resume) => setTimeout(resume, PAUSE_MS));
      this.#mustPause = false;
      const url = this.#servers[this.#at]!.url;
      if (url !== null) return url;
      this.#mustPause = true;
      this.#goOn();
    }
  }

  #goOn(): void {
    this.#at = (this.#at + 1) % this.#servers.length;
  }
}
