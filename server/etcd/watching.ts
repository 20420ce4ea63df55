/** A watch that outlives its connections: each goes on where the one before it ended, on another member. */
import type { Clock } from "../../shared/clock.js";
import type { WatchMessage } from "./answers.js";
import type { Tokens } from "./calls.js";
import { EtcdRefused, type KeyEvent, type Watch, type WatchHandlers } from "./etcd.js";
import type { Member, Members } from "./members.js";
import type { Transport } from "./transport.js";
import { openWatch, type WatchEnd } from "./watchConnection.js";

export interface WatchingParts {
  readonly members: Members;
  readonly transport: Transport;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** How long a member has to say that the watch is on. */
  readonly openMs: number;
  readonly prefix: string;
  readonly from: number;
  readonly handlers: WatchHandlers;
  /** Told once: it is closed, or lost. */
  ended(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Tells events in order, each once. */
export class Watching implements Watch {
  readonly #parts: WatchingParts;
  #member: Member;
  /** The first revision that was not told. */
  #next: number;
  /** Of a revision whose other events come with the next part. */
  #held: KeyEvent[] = [];
  #pauseMs = FIRST_PAUSE_MS;
  #stop: () => void = () => {};
  #isOver = false;

  constructor(parts: WatchingParts) {
    this.#parts = parts;
    this.#member = parts.members.current;
    this.#next = parts.from;
  }

  begin(): void {
    void this.#connect();
  }

  restart(): void {
    if (this.#isOver) return;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#moveOn();
    void this.#connect();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop();
    this.#held = [];
    this.#parts.ended();
  }

  async #connect(): Promise<void> {
    const { tokens, clock, transport, openMs, prefix } = this.#parts;
    // Another connection, or an end, takes the place of this one in whatever it waits for.
    let isCurrent = true;
    this.#stop = () => {
      isCurrent = false;
    };
    let token: string | null;
    try {
      token = await tokens.current(clock.elapsed() + openMs);
    } catch (error) {
      if (!isCurrent) return;
      if (error instanceof EtcdRefused) return this.#lose(error.message);
      return this.#again();
    }
    if (!isCurrent) return;
    const from = this.#next;
    this.#stop = openWatch(
      { transport, clock, openMs, member: this.#member, token, prefix, from },
      {
        message: (message) => this.#take(message),
        ended: (end) => this.#endedBy(end, token),
      },
    );
  }

  #take(message: WatchMessage): void {
    const { handlers } = this.#parts;
    // A member that lets us in and serves nothing is not asked again and again without a pause.
    if (!message.isCreated) this.#pauseMs = FIRST_PAUSE_MS;
    if (message.isCreated) {
      handlers.opened?.();
      return;
    }
    if (message.events.length > 0) return this.#takeEvents(message.events, message.isPart);
    // It only says how far it is.
    if (message.isPart || message.revision < this.#next) return;
    this.#next = message.revision + 1;
    handlers.events([], message.revision);
  }

  /** In a part of a message, the last revision may go on in the next part. */
  #takeEvents(events: readonly KeyEvent[], isPart: boolean): void {
    const all = [...this.#held, ...events.filter((event) => modOf(event) >= this.#next)];
    const last = all.at(-1);
    if (last === undefined) return;
    const whole = isPart ? all.filter((event) => modOf(event) < modOf(last)) : all;
    this.#held = all.slice(whole.length);
    const told = whole.at(-1);
    if (told === undefined) return;
    this.#next = modOf(told) + 1;
    this.#parts.handlers.events(whole, modOf(told));
  }

  #endedBy(end: WatchEnd, token: string | null): void {
    if (end.kind === "lost") return this.#lose(end.why);
    if (end.kind === "token" && !this.#parts.tokens.renew(token)) {
      return this.#lose("etcd wants a user and a password that it knows");
    }
    this.#again();
  }

  #again(): void {
    this.#moveOn();
    this.#stop = this.#parts.clock.after(this.#pauseMs, () => void this.#connect());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  #moveOn(): void {
    this.#stop();
    this.#held = [];
    this.#member = this.#parts.members.after(this.#member);
  }

  #lose(why: string): void {
    this.close();
    this.#parts.handlers.lost(why);
  }
}

const modOf = (event: KeyEvent): number => (event.kind === "put" ? event.kv.mod : event.mod);
