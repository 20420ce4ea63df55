/** Wrong tokens, counted by the peer they come from: a peer that guesses is slowed down, and the operator hears of it. */
import type { Clock } from "../../../shared/clock.js";
import { SyncError } from "../../../shared/errors.js";
import type { Limits } from "../../../shared/limits.js";
import type { Log } from "../../log/log.js";
import { peerOf } from "./addresses.js";

/** Bounds what a guesser with many addresses can make us keep: beyond it the peer that was quiet longest is forgotten. */
const PEERS_KEPT = 10_000;
/** The log has at most one line in so long for a peer, and says how many guesses it stands for. */
const LOG_EVERY_MS = 60_000;

interface Guesser {
  /** How many more wrong tokens are answered as such. */
  left: number;
  countedAt: number;
  unsaid: number;
  saidAt: number | null;
}

export class WrongTokens {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: Pick<Limits, "wrongTokens" | "wrongTokensMs">;
  /** In the order of their last guess. */
  readonly #guessers = new Map<string, Guesser>();

  constructor(clock: Clock, log: Log, limits: Pick<Limits, "wrongTokens" | "wrongTokensMs">) {
    this.#clock = clock;
    this.#log = log;
    this.#limits = limits;
  }

  /** Throws SyncError `rate_limited` where this peer has guessed too often; returns where it may be told that it was wrong. */
  count(address: string | undefined): void {
    const peer = peerOf(address);
    const guesser = this.#guesserAt(peer);
    guesser.unsaid += 1;
    if (guesser.left >= 1) {
      guesser.left -= 1;
      return;
    }
    this.#tell(peer, guesser);
    const msForOne = this.#limits.wrongTokensMs / this.#limits.wrongTokens;
    throw new SyncError("rate_limited", "too many wrong tokens came from this address", {
      retryAfter: Math.ceil(((1 - guesser.left) * msForOne) / 1_000),
    });
  }

  #guesserAt(peer: string): Guesser {
    const { wrongTokens, wrongTokensMs } = this.#limits;
    const now = this.#clock.elapsed();
    const known = this.#guessers.get(peer);
    const guesser = known ?? { left: wrongTokens, countedAt: now, unsaid: 0, saidAt: null };
    const regained = ((now - guesser.countedAt) / wrongTokensMs) * wrongTokens;
    guesser.left = Math.min(wrongTokens, guesser.left + regained);
    guesser.countedAt = now;
    this.#guessers.delete(peer);
    this.#guessers.set(peer, guesser);
    const [quietest] = this.#guessers.keys();
    if (this.#guessers.size > PEERS_KEPT && quietest !== undefined) this.#guessers.delete(quietest);
    return guesser;
  }

  #tell(address: string, guesser: Guesser): void {
    const now = this.#clock.elapsed();
    if (guesser.saidAt !== null && now - guesser.saidAt < LOG_EVERY_MS) return;
    this.#log.warn({ address, wrongTokens: guesser.unsaid }, "somebody guesses tokens");
    guesser.saidAt = now;
    guesser.unsaid = 0;
  }
}
