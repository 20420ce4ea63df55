/** The client of one provider: opened when somebody first needs it, closed once the provider is gone. */
import type { InstepClient } from "../index.js";

export class ClientHolder {
  readonly #open: () => InstepClient;
  readonly #close: (client: InstepClient) => void;
  #client: InstepClient | null = null;
  #mounts = 0;

  constructor(open: () => InstepClient, close: (client: InstepClient) => void) {
    this.#open = open;
    this.#close = close;
  }

  /** Opens no socket by itself: a client does that once something is watched. */
  get client(): InstepClient {
    this.#client ??= this.#open();
    return this.#client;
  }

  /**
   * The provider is on the page until the returned function is called. StrictMode takes it away and puts it back in one turn, and a hidden
   * `<Activity>` may put it back much later: the first keeps the client, the second gets a new one.
   */
  mounted(): () => void {
    this.#mounts += 1;
    return () => {
      this.#mounts -= 1;
      queueMicrotask(() => this.#closeUnmounted());
    };
  }

  #closeUnmounted(): void {
    if (this.#mounts > 0 || !this.#client) return;
    const client = this.#client;
    this.#client = null;
    this.#close(client);
  }
}
