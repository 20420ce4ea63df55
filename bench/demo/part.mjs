/** One process of the demo: started, killed, frozen and started again on the same data; it never outlives the demo. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Ends a process with the one that started it, however that ends. */
const TOGETHER =
  spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0
    ? ["setpriv", "--pdeathsig", "KILL"]
    : [];
const KEPT_TEXT = 4_000;
const END_MS = 8_000;

export class Part {
  #child = null;
  #said = "";

  /** `words` is its whole command line; `serves` resolves once it answers at `url`. `onEnd` hears of an end that nobody here asked for. */
  constructor({ name, url, words, env, serves, onEnd }) {
    Object.assign(this, { name, url, words, env, serves, onEnd });
  }

  get pid() {
    return this.#child?.pid ?? null;
  }

  get isThere() {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves once it serves; rejects with what it said where it ended before. */
  async start() {
    if (this.isThere) return;
    this.#said = "";
    const [command, ...words] = [...TOGETHER, ...this.words];
    // In a group of its own: Ctrl-C is for the demo, which ends its parts in their order.
    const child = spawn(command, words, {
      env: this.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        this.#said = (this.#said + text).slice(-KEPT_TEXT);
      });
    child.once("error", (error) => {
      this.#said += error.message;
    });
    child.once("exit", () => {
      if (this.#child === child) this.onEnd(this);
    });
    while (!(await this.serves(this.url))) {
      if (!this.isThere || this.#child !== child) throw new Error(`${this.name}: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  signal(signal) {
    if (this.isThere) this.#child.kill(signal);
  }

  /** In order where it may: then at once. Resolves once it is gone. */
  async end(signal) {
    const child = this.#child;
    if (!this.isThere) return;
    this.#child = null;
    child.kill("SIGCONT");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
    await once(child, "exit");
    clearTimeout(late);
  }
}
