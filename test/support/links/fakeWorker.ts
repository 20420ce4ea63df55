/** SharedWorkers that a test plays: real holders behind ports that deliver in turn, stand still or go silent as the test says. */

import type { LiveSocket } from "../../../client/connection/socket.js";
import type { SharedWorkerLike } from "../../../client/index.js";
import { Holder } from "../../../client/sharing/holder.js";
import type { WatchLife } from "../../../client/sharing/holderLife.js";
import type { Port } from "../../../client/sharing/portMessages.js";
import type { Clock } from "../../../shared/clock.js";

/** One end of a channel: what it is sent waits until it is read. */
class FakePort implements Port {
  onmessage: ((event: MessageEvent) => void) | null = null;
  isFrozen = false;
  readonly #isAlive: () => boolean;
  readonly queue: unknown[] = [];
  other!: FakePort;
  #isClosed = false;
  #isDue = false;

  constructor(isAlive: () => boolean) {
    this.#isAlive = isAlive;
  }

  /** Copied, as a browser does. */
  postMessage(message: unknown): void {
    if (this.#isClosed || this.other.#isClosed) return;
    this.other.queue.push(structuredClone(message));
    this.other.flow();
  }

  close(): void {
    this.#isClosed = true;
  }

  flow(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isFrozen || !this.#isAlive()) return;
      const message = this.queue.shift();
      if (message !== undefined) this.onmessage?.({ data: message } as MessageEvent);
      if (this.queue.length > 0) this.flow();
    });
  }
}

export interface FakeTab {
  readonly openSharedWorker: () => SharedWorkerLike;
  /** It stands still: what it is told waits. */
  freeze(): void;
  thaw(): void;
  /** Messages and characters that wait in its port. */
  readonly waiting: { readonly messages: number; readonly characters: number };
  /** The worker's script could not be loaded, or threw. */
  fail(): void;
}

export class FakeBrowser {
  readonly #clock: Clock;
  readonly #open: (url: string, protocols: string[]) => LiveSocket;
  readonly #hasLocks: boolean;
  #life = { isAlive: true, isStuck: false };
  #holder: Holder;
  /** Those a dead holder had: a browser closes them with the worker. */
  #sockets: LiveSocket[] = [];
  readonly #ports: FakePort[] = [];
  readonly #waitingForDeath = new Map<() => void, string>();
  /** How many holders were started. */
  holders = 1;

  constructor(
    clock: Clock,
    open: (url: string, protocols: string[]) => LiveSocket,
    hasLocks = false,
  ) {
    this.#clock = clock;
    this.#open = open;
    this.#hasLocks = hasLocks;
    this.#holder = this.#newHolder();
  }

  tab(): FakeTab {
    let port: FakePort | null = null;
    let failed = () => {};
    let isFrozen = false;
    return {
      openSharedWorker: () => {
        const life = this.#life;
        const mine = new FakePort(() => true);
        mine.isFrozen = isFrozen;
        const theirs = new FakePort(() => life.isAlive && !life.isStuck);
        mine.other = theirs;
        theirs.other = mine;
        port = mine;
        this.#ports.push(mine);
        // A worker that is stuck does not even hear that there is somebody.
        if (!life.isStuck) this.#holder.connect(theirs);
        return {
          port: mine,
          addEventListener: (_type, listener) => {
            failed = listener;
          },
        };
      },
      freeze: () => {
        isFrozen = true;
        if (port) port.isFrozen = true;
      },
      thaw: () => {
        isFrozen = false;
        if (!port) return;
        port.isFrozen = false;
        port.flow();
      },
      get waiting() {
        const messages = port?.queue ?? [];
        return { messages: messages.length, characters: JSON.stringify(messages).length };
      },
      fail: () => failed(),
    };
  }

  /** The holder dies, and its sockets with it. The next tab that asks gets another. */
  kill({ isNextStuck = false } = {}): void {
    const over = [...this.#waitingForDeath].filter(([, name]) => name === `life ${this.holders}`);
    this.#life.isAlive = false;
    for (const socket of this.#sockets.splice(0)) socket.close();
    this.#life = { isAlive: true, isStuck: isNextStuck };
    this.holders++;
    this.#holder = this.#newHolder();
    for (const [run] of over) run();
  }

  /** What `navigator.locks` tells a tab. */
  readonly watchLife: WatchLife = (name, over) => {
    this.#waitingForDeath.set(over, name);
    return () => void this.#waitingForDeath.delete(over);
  };

  /** The holder is slow to begin: until `thaw` nothing of it is heard. */
  hold(): { thaw(): void } {
    for (const port of this.#ports) port.isFrozen = true;
    return {
      thaw: () => {
        for (const port of this.#ports) {
          port.isFrozen = false;
          port.flow();
        }
      },
    };
  }

  /** The holder lives, and does nothing any more. */
  stick(): void {
    this.#life.isStuck = true;
  }

  /** Each holder has a lock of its own. */
  #newHolder(): Holder {
    const holder = new Holder({
      clock: this.#clock,
      openSocket: (url, protocols) => {
        const socket = this.#open(url, [...protocols]);
        this.#sockets.push(socket);
        return socket;
      },
    });
    if (this.#hasLocks) holder.life = `life ${this.holders}`;
    return holder;
  }
}
