/** Asks the host who calls: within a deadline, so many at once, and again for as long as something of theirs is open. */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../shared/clock.js";
import { SyncError, shuttingDown } from "../../../shared/errors.js";
import type { ThrottledLog } from "../../log/throttledLog.js";
import type { Grant } from "./grants.js";
import { LiveGrants } from "./liveGrants.js";
import { type Rights, rightsIn, type Who } from "./who.js";

/** Says who sends a request; null for nobody. May be asked again of a request that it has seen. */
export type Authorize = (request: IncomingMessage) => Promise<Who | null> | Who | null;

export interface HostHookParts {
  readonly authorize: Authorize;
  /** How long a verdict stands for what stays open, in ms. */
  readonly againMs: number;
  readonly clock: Clock;
  readonly lines: Pick<ThrottledLog, "error">;
}

/** From the call to its verdict, the wait for a turn included. */
const DEADLINE_MS = 5_000;
const MOST_AT_ONCE = 100;
const MOST_WAITING = 2_000;

export class HostHook {
  readonly #parts: HostHookParts;
  readonly #live: LiveGrants;
  /** Calls that wait for their turn. */
  readonly #queue = new Set<() => void>();
  /** The ends of all calls that have no verdict yet. */
  readonly #open = new Set<() => void>();
  #atWork = 0;
  #isClosed = false;

  constructor(parts: HostHookParts) {
    const { clock, againMs } = parts;
    this.#parts = parts;
    this.#live = new LiveGrants({
      clock,
      againMs,
      ask: async (request) => this.#rightsOf(request),
    });
  }

  /** The rights of who sends this; null for nobody. At once where the host knows at once. Throws or rejects with SyncError: `unavailable` where the host has no verdict. */
  ask(request: IncomingMessage): Grant | null | Promise<Grant | null> {
    const { round } = this.#live;
    const granted = (rights: Rights | null) => rights && this.#live.grantOf(request, rights, round);
    const rights = this.#rightsOf(request);
    return rights instanceof Promise ? rights.then(granted) : granted(rights);
  }

  /** Resolves once everything that is open of this user, or of all, stands by a verdict that was asked for from now on, or is cut off. */
  again(user?: string): Promise<void> {
    return this.#live.again(user);
  }

  /** How much of the host's users is open that is asked about again. */
  get watched(): number {
    return this.#live.count;
  }

  /** From here on everybody who waits for a verdict hears that the server stops. */
  close(): void {
    this.#isClosed = true;
    this.#live.close();
    for (const end of [...this.#open]) end();
  }

  #rightsOf(request: IncomingMessage): Rights | null | Promise<Rights | null> {
    if (this.#isClosed) throw shuttingDown();
    if (this.#atWork >= MOST_AT_ONCE) return this.#inTime(request, null);
    const given = this.#called(request);
    return given.isPromise ? this.#inTime(request, given.value) : this.#read(given.value);
  }

  /** `given`: what the host has promised already; null for a call that has to wait for its turn. */
  #inTime(request: IncomingMessage, given: PromiseLike<unknown> | null): Promise<Rights | null> {
    if (given === null && this.#queue.size >= MOST_WAITING)
      throw new SyncError("too_many", "too many ask to come in at once", { retryAfter: 2 });
    return new Promise((resolve, reject) => {
      let isAtWork = false;
      const end = (settle: () => void) => {
        if (!this.#open.delete(stop)) return;
        cancel();
        this.#queue.delete(begin);
        if (isAtWork) this.#atWork -= 1;
        settle();
        this.#next();
      };
      const answered = (value: unknown) =>
        end(() => {
          try {
            resolve(this.#read(value));
          } catch (error) {
            reject(error);
          }
        });
      const waitFor = (promised: PromiseLike<unknown>) => {
        isAtWork = true;
        this.#atWork += 1;
        Promise.resolve(promised).then(answered, (error: unknown) =>
          end(() => reject(this.#failure(error))),
        );
      };
      const begin = () => {
        try {
          const given = this.#called(request);
          if (given.isPromise) waitFor(given.value);
          else answered(given.value);
        } catch (error) {
          end(() => reject(error));
        }
      };
      const stop = () => end(() => reject(shuttingDown()));
      const late = () => end(() => reject(this.#failure(new Error(TOO_LATE))));
      const cancel = this.#parts.clock.after(DEADLINE_MS, late);
      this.#open.add(stop);
      if (given === null) this.#queue.add(begin);
      else waitFor(given);
    });
  }

  #next(): void {
    const [begin] = this.#queue;
    if (begin === undefined || this.#atWork >= MOST_AT_ONCE) return;
    this.#queue.delete(begin);
    begin();
  }

  /** A look at the `then` of a verdict may throw, too: that is the host's code as well. */
  #called(request: IncomingMessage): Given {
    try {
      const value: unknown = this.#parts.authorize(request);
      return isThenable(value) ? { isPromise: true, value } : { isPromise: false, value };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #read(given: unknown): Rights | null {
    try {
      return rightsIn(given);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** The log has the cause, the caller hears nothing of it. */
  #failure(error: unknown): SyncError {
    try {
      this.#say(error);
    } catch {
      this.#say(new Error("what authorize has thrown cannot be read"));
    }
    return new SyncError("unavailable", "who you are cannot be told just now", { retryAfter: 2 });
  }

  #say(error: unknown): void {
    const kind = error instanceof Error ? error.name : typeof error;
    this.#parts.lines.error(`authorize ${kind}`, { err: error }, "authorize has no verdict");
  }
}

type Given =
  | { readonly isPromise: true; readonly value: PromiseLike<unknown> }
  | { readonly isPromise: false; readonly value: unknown };

const TOO_LATE = `authorize has not answered within ${DEADLINE_MS} ms`;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
