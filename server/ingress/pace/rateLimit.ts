/** How fast clients may send: each socket at its own pace, all of one client within a common one. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import { counted } from "../../../shared/text/counted.js";
import { TokenBucket } from "./tokenBucket.js";

export type RateLimits = Pick<Limits, "commandsPerSecond" | "commandBurst" | "rateRefusals">;

/** A frame or body costs one command for every piece of this size that was begun. */
const BYTES_PER_COMMAND = 16 * 1024;
/** All that are at work are reduced in one piece. */
const MOST_REPORTS_AT_WORK = 256;
/** All sockets of one client share what they burst: as much as so many may by themselves. */
const BURSTS_PER_CLIENT = 2;
/** So much of a burst a socket has whatever the client's others do. */
const ASSURED_PART = 0.1;
/** Refusals are forgiven within so many seconds. */
const FORGIVEN_AFTER_S = 10;
/** Where a client's refusals are used up, sockets that caused at least this part of what one may cause are closed. */
const GUILTY_PART = 0.1;
/** A client that had to be cut off opens new sockets at this pace for so long. */
const SLOW_UPGRADES = { perSecond: 2, burst: 5 };
const SLOW_FOR_MS = 10_000;
const UNBOUNDED: RateLimits = { commandsPerSecond: 1e9, commandBurst: 1e9, rateRefusals: 1e9 };
/** So many clients are remembered; beyond that the one heard longest ago is forgotten, with its refusals. */
const CLIENTS_KEPT = 10_000;

/** The budget that all sockets and calls of one client share. */
class Client {
  readonly bursts: TokenBucket;
  readonly refusals: TokenBucket;
  readonly upgrades: TokenBucket;
  /** When one of its sockets was last cut off. */
  cutOffAt: number | null = null;
  /** The pace of REST writes. Output has one of its own: a step that prints a lot never delays the reports about it. */
  readonly writes: Pace;
  readonly output: Pace;

  constructor(clock: Clock, limits: RateLimits) {
    const { commandsPerSecond, commandBurst, rateRefusals } = limits;
    this.bursts = new TokenBucket(clock, {
      perSecond: commandsPerSecond,
      burst: BURSTS_PER_CLIENT * commandBurst,
    });
    const most = 2 * rateRefusals;
    this.refusals = new TokenBucket(clock, { perSecond: most / FORGIVEN_AFTER_S, burst: most });
    this.upgrades = new TokenBucket(clock, SLOW_UPGRADES);
    this.writes = new Pace(clock, limits, this, false);
    this.output = new Pace(clock, limits, this, false);
  }

  isSlowedDown(clock: Clock): boolean {
    return this.cutOffAt !== null && clock.elapsed() - this.cutOffAt < SLOW_FOR_MS;
  }
}

/** How fast one socket may send, or all REST calls of one client. */
export class Pace {
  readonly #own: TokenBucket;
  /** The part it may send whatever the client's other sockets do. */
  readonly #assured: TokenBucket;
  readonly #refusals: TokenBucket;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #mayRefuse: number;
  #refused = 0;
  #reports = 0;

  constructor(clock: Clock, limits: RateLimits, client: Client, isSlow: boolean) {
    const { commandsPerSecond: perSecond, commandBurst, rateRefusals } = limits;
    const part = isSlow ? GUILTY_PART : 1;
    this.#clock = clock;
    this.#client = client;
    this.#own = new TokenBucket(clock, { perSecond, burst: commandBurst * part });
    const assured = Math.max(1, commandBurst * ASSURED_PART * part);
    this.#assured = new TokenBucket(clock, { perSecond, burst: assured });
    this.#mayRefuse = rateRefusals * part;
    this.#refusals = new TokenBucket(clock, {
      perSecond: rateRefusals / FORGIVEN_AFTER_S,
      burst: this.#mayRefuse,
    });
  }

  /** False where it comes too fast. */
  take(bytes: number): boolean {
    return this.#take(costOf(bytes));
  }

  /** The same for a report of a driver with a lease: it counts by its bytes alone, a small one as the part of a command that it is. */
  takeReport(bytes: number): boolean {
    return this.#take(bytes / BYTES_PER_COMMAND);
  }

  /** Takes the rest of the price, once the size is known: `take` took it for one command. */
  charge(bytes: number): void {
    const more = costOf(bytes) - 1;
    if (more > 0) this.#own.take(more);
  }

  /** Room for a report by REST that is at work, until it is given back; null where so many are that one more counts as any other command. */
  beginReport(): (() => void) | null {
    if (this.#reports >= MOST_REPORTS_AT_WORK) return null;
    this.#reports += 1;
    return () => {
      this.#reports -= 1;
    };
  }

  /** As `charge`, behind a `takeReport` of no bytes. */
  chargeReport(bytes: number): void {
    this.#own.take(bytes / BYTES_PER_COMMAND);
  }

  /** Counts a refusal. False where it was one too many: the sender is to be cut off. */
  refuse(bytes: number): boolean {
    const cost = costOf(bytes);
    if (this.#refusals.isFull) this.#refused = 0;
    this.#refused += cost;
    const clientMay = this.#client.refusals.take(cost);
    const isGuilty = this.#refused > this.#mayRefuse * GUILTY_PART;
    const may = this.#refusals.take(cost) && (clientMay || !isGuilty);
    if (!may) this.#client.cutOffAt = this.#clock.elapsed();
    return may;
  }

  #take(cost: number): boolean {
    if (!this.#own.hasOne) return false;
    if (!this.#assured.take(cost) && !this.#client.bursts.take(cost)) return false;
    return this.#own.take(cost);
  }
}

export class RateLimiter {
  readonly #clients = new Map<string, Client>();
  readonly #clock: Clock;
  readonly #limits: RateLimits;

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The pace of all REST calls of one kind by a client. */
  rest(client: string, kind: "writes" | "output"): Pace {
    return this.#client(client)[kind];
  }

  /** The pace of another node of the cluster, which has counted what it sends on: as good as none. */
  ofNode(): Pace {
    return new Pace(this.#clock, UNBOUNDED, new Client(this.#clock, UNBOUNDED), false);
  }

  /** The pace of a new socket. Throws SyncError `rate_limited` where this client was cut off a moment ago. */
  socket(name: string): Pace {
    const client = this.#client(name);
    const isSlow = client.isSlowedDown(this.#clock);
    if (isSlow && !client.upgrades.take()) {
      throw new SyncError("rate_limited", "a socket of this client was closed for its flood", {
        retryAfter: SLOW_FOR_MS / 1_000,
      });
    }
    return new Pace(this.#clock, this.#limits, client, isSlow);
  }

  /** For an answer that says so. */
  tooFast(): SyncError {
    const { commandsPerSecond } = this.#limits;
    const message = `at most ${counted(commandsPerSecond, "command")} a second, each up to ${BYTES_PER_COMMAND / 1024} KiB`;
    return new SyncError("rate_limited", message, { retryAfter: 1 });
  }

  #client(name: string): Client {
    const client = this.#clients.get(name) ?? new Client(this.#clock, this.#limits);
    this.#clients.delete(name);
    this.#clients.set(name, client);
    const [quietest] = this.#clients.keys();
    if (this.#clients.size > CLIENTS_KEPT && quietest !== undefined) this.#clients.delete(quietest);
    return client;
  }
}

const costOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / BYTES_PER_COMMAND));
