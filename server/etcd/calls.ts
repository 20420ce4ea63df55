/** One call of etcd: asks a member, and where that settles nothing, the next one, until the call's deadline. */
import type { Clock } from "../../shared/clock.js";
import { EtcdRefused, EtcdUnreachable } from "./etcd.js";
import type { Member, Members } from "./members.js";
import { AnswerTooLong, NoAnswer } from "./noAnswer.js";
import { Pauses } from "./pauses.js";
import { Malformed } from "./protobuf.js";
import type { Transport } from "./transport.js";
import { type Verdict, verdictOn } from "./verdict.js";

/** `repeatable`: asked twice does no harm. `once`: another member is asked only where surely nothing was done. */
export type Manner = "repeatable" | "once";

/** Reads a member's answer; throws where it is none. */
export type ReadAnswer<T> = (message: Buffer) => T;

export interface Asked {
  /** `/etcdserverpb.KV/Range` */
  readonly path: string;
  readonly message: Buffer;
  readonly manner: Manner;
  /** In the clock's elapsed time; with none the call has its full time. */
  readonly until?: number | undefined;
}

/** The tokens of a session with etcd, where it wants to know who asks. */
export interface Tokens {
  /** One that counts, as far as is known; null where nobody asks for one. */
  current(until: number): Promise<string | null>;
  /** False where another one cannot be had. */
  renew(token: string | null): boolean;
}

export interface CallTimes {
  /** How long one member has for its answer. */
  readonly tryMs: number;
  /** How long the whole call may take. */
  readonly callMs: number;
}

export interface CallParts {
  readonly members: Members;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly times: CallTimes;
}

/** Where no member served, so long until they are asked again. */
const ROUND_PAUSE_MS = 100;

/** Every call ends by its deadline, or with `close`. */
export class Calls {
  readonly #parts: CallParts;
  readonly #pauses: Pauses;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#pauses = new Pauses(parts.clock);
  }

  /** The answer, checked. Rejects with EtcdRefused or EtcdUnreachable. */
  async ask<T>(read: ReadAnswer<T>, asked: Asked, tokens: Tokens): Promise<T> {
    const { clock, times } = this.#parts;
    const until = Math.min(asked.until ?? Number.POSITIVE_INFINITY, clock.elapsed() + times.callMs);
    const trouble = new Trouble(this.#parts.members.all.length);
    let renewals = 0;
    for (;;) {
      const token = await tokens.current(until);
      const member = this.#parts.members.current;
      const verdict = await this.#try(read, member, asked, token, until);
      if (verdict.kind === "answered") return verdict.value;
      if (verdict.kind === "refused") throw verdict.refusal;
      if (verdict.kind === "token") {
        renewals += 1;
        if (renewals > MOST_RENEWALS || !tokens.renew(token)) throw notAllowed();
        continue;
      }
      this.#parts.members.leave(member);
      trouble.add(verdict.why);
      if (verdict.why.reason === "oversized") throw new AnswerTooLong(verdict.why.message);
      if (asked.manner === "once" && !verdict.why.isUndone) throw trouble.asError();
      if (trouble.isRefusal) throw new EtcdRefused("not_allowed", verdict.why.message);
      if (trouble.isRound) await this.#pauses.pause(Math.min(ROUND_PAUSE_MS, this.#left(until)));
      if (this.#left(until) <= 0 || this.#pauses.isClosed) throw trouble.asError();
    }
  }

  /** Nobody is asked again. */
  close(): void {
    this.#pauses.close();
  }

  #left(until: number): number {
    return until - this.#parts.clock.elapsed();
  }

  async #try<T>(
    read: ReadAnswer<T>,
    member: Member,
    { path, message }: Asked,
    token: string | null,
    until: number,
  ): Promise<Verdict | { readonly kind: "answered"; readonly value: T }> {
    const ms = Math.max(1, Math.min(this.#parts.times.tryMs, this.#left(until)));
    const answer = await this.#parts.transport.ask(member, { path, message, token }, ms);
    if (answer.kind === "broken") return { kind: "unsettled", why: answer.why };
    if (answer.kind === "status") return verdictOn(answer.code, answer.message, member.shown);
    try {
      return { kind: "answered", value: read(answer.message) };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      const why = `${member.shown} answered ${path} with ${error.message}`;
      return { kind: "unsettled", why: new NoAnswer(why, false) };
    }
  }
}

/** A token may run out between two of them; one that never counts is somebody's mistake. */
const MOST_RENEWALS = 2;

const notAllowed = () =>
  new EtcdRefused("not_allowed", "etcd wants a user and a password that it knows");

/** The tries that settled nothing. */
class Trouble {
  readonly #members: number;
  readonly #whys: NoAnswer[] = [];

  constructor(members: number) {
    this.#members = members;
  }

  add(why: NoAnswer): void {
    this.#whys.push(why);
  }

  /** All members were asked (again). */
  get isRound(): boolean {
    return this.#whys.length % this.#members === 0;
  }

  /** None of them is trusted, or trusts us: asking again would not help. */
  get isRefusal(): boolean {
    return this.isRound && this.#whys.every(({ reason }) => reason === "certificate");
  }

  /** With the newest word of each member. */
  asError(): EtcdUnreachable {
    const newest = this.#whys.slice(-this.#members).map(({ message }) => message);
    return new EtcdUnreachable(newest.join("; "));
  }
}
