/** The rights of the host's users that have something open, asked about again from time to time: whoever has lost some is cut off. */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../shared/clock.js";
import { allowSame, Grant } from "./grants.js";
import type { Rights } from "./who.js";

/** Asks the host about a request; rejects where it has no verdict. */
export type AskAgain = (request: IncomingMessage) => Promise<Rights | null>;

export interface LiveGrantsParts {
  readonly clock: Clock;
  /** How long a verdict stands, in ms. */
  readonly againMs: number;
  readonly ask: AskAgain;
}

/** So many are asked about at once: the others wait, and so do not keep new calls from their verdicts. */
const MOST_AT_ONCE = 20;

/** The rights that one request came in by. They are live while something is open that has to end with them. */
class LiveGrant extends Grant {
  readonly request: IncomingMessage;
  /** The host had no verdict when it was last asked. */
  isDoubted = false;
  readonly #live: (isHeld: boolean) => void;

  constructor(request: IncomingMessage, rights: Rights, live: (isHeld: boolean) => void) {
    super(null, rights.can, rights.scope, rights.user);
    this.request = request;
    this.#live = live;
  }

  override whenOver(run: () => void): () => void {
    const wasHeld = this.isHeld;
    const forget = super.whenOver(run);
    if (!wasHeld) this.#live(true);
    return () => {
      if (!this.isHeld) return;
      forget();
      if (!this.isHeld) this.#live(false);
    };
  }
}

type Told = () => void;

export class LiveGrants {
  readonly #parts: LiveGrantsParts;
  /** The times at which each is to be asked about (elapsed ms). All verdicts stand equally long, so the first is due first. */
  readonly #due = new Map<LiveGrant, number>();
  /** Those that somebody wants to know about now, with whoever waits for that. */
  readonly #urgent = new Map<LiveGrant, Told[]>();
  readonly #asking = new Set<LiveGrant>();
  #round = 0;
  #cancel = () => {};
  #isClosed = false;

  constructor(parts: LiveGrantsParts) {
    this.#parts = parts;
  }

  get count(): number {
    return new Set([...this.#due.keys(), ...this.#urgent.keys(), ...this.#asking]).size;
  }

  /** The number of calls of `again` so far: a verdict belongs to the one in which it was asked for. */
  get round(): number {
    return this.#round;
  }

  /** `round`: when the verdict was asked for. One of an earlier round is asked for again as soon as something is open. */
  grantOf(request: IncomingMessage, rights: Rights, round: number): Grant {
    const grant: LiveGrant = new LiveGrant(request, rights, (isHeld) => {
      if (!isHeld) this.#forget(grant);
      else if (round !== this.#round) this.#hurry(grant);
      else this.#wait(grant);
    });
    return grant;
  }

  /** Resolves once all that are live, or those of one user, stand by a verdict that was asked for from now on, or are over. */
  async again(user?: string): Promise<void> {
    if (this.#isClosed) return;
    this.#round += 1;
    const live = new Set([...this.#due.keys(), ...this.#urgent.keys(), ...this.#asking]);
    const meant = [...live].filter((grant) => user === undefined || grant.user === user);
    await Promise.all(meant.map((grant) => new Promise<void>((told) => this.#hurry(grant, told))));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    for (const grant of [...this.#urgent.keys()]) this.#forget(grant);
    this.#due.clear();
  }

  #wait(grant: LiveGrant): void {
    this.#due.set(grant, this.#parts.clock.elapsed() + this.#parts.againMs);
    this.#goOn();
  }

  /** One that is being asked about is asked about once more: that verdict may be of the time before. */
  #hurry(grant: LiveGrant, told?: Told): void {
    const waiting = this.#urgent.get(grant) ?? [];
    if (told) waiting.push(told);
    this.#due.delete(grant);
    this.#urgent.set(grant, waiting);
    this.#goOn();
  }

  #forget(grant: LiveGrant): void {
    const waiting = this.#urgent.get(grant) ?? [];
    this.#urgent.delete(grant);
    this.#due.delete(grant);
    if (this.#due.size === 0) this.#cancel();
    for (const told of waiting) told();
  }

  #goOn(): void {
    this.#cancel();
    if (this.#isClosed) return;
    for (const [grant, told] of [...this.#urgent]) {
      if (this.#asking.size >= MOST_AT_ONCE) return;
      if (this.#asking.has(grant)) continue;
      this.#urgent.delete(grant);
      void this.#ask(grant, told);
    }
    const now = this.#parts.clock.elapsed();
    for (const [grant, at] of [...this.#firstDue()]) {
      if (this.#asking.size >= MOST_AT_ONCE) return;
      if (at > now) {
        this.#cancel = this.#parts.clock.after(at - now, () => this.#goOn());
        return;
      }
      this.#due.delete(grant);
      void this.#ask(grant, null);
    }
  }

  /** As many as could be asked about now, and one more that says when to look again. */
  *#firstDue(): Generator<[LiveGrant, number]> {
    let left = MOST_AT_ONCE + 1;
    for (const one of this.#due) {
      if (left-- === 0) return;
      yield one;
    }
  }

  /** `told`: whoever wants to know now; null where it was only time to ask. */
  async #ask(grant: LiveGrant, told: readonly Told[] | null): Promise<void> {
    this.#asking.add(grant);
    let isOver: boolean;
    try {
      const rights = await this.#parts.ask(grant.request);
      isOver =
        rights === null ||
        !allowSame(grant, new Grant(null, rights.can, rights.scope, rights.user));
      grant.isDoubted = false;
    } catch {
      // A host that cannot say for a moment does not throw everybody out; one that still cannot the next time is no ground to stand on.
      isOver = told !== null || grant.isDoubted;
      grant.isDoubted = true;
    }
    this.#asking.delete(grant);
    if (isOver) grant.end();
    else if (grant.isHeld && !this.#urgent.has(grant))
      this.#due.set(grant, this.#parts.clock.elapsed() + this.#parts.againMs);
    for (const tell of told ?? []) tell();
    this.#goOn();
  }
}
