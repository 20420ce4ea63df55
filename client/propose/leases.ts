/** The leases this client holds as a driver: kept alive on each socket, and claimed again on the next one. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { LIMITS } from "../../shared/limits.js";
import type { Command } from "../../shared/schema/command.js";
import { Timer } from "../wire/timer.js";
import type { Accepted, ProposeOptions } from "./proposals.js";

const RELEASE_DEADLINE_MS = 5_000;

export interface LeaseOptions {
  /** Shown to watchers as `driver.name`. */
  readonly driver: string;
  /**
   * The lease had ended before it could be renewed, and was claimed anew at this position: may this driver go on? Only
   * the driver can tell whether somebody else drove in between. Without an answer it may not, and the lease is lost.
   */
  readonly mayGoOn?: (at: ClaimedAt) => boolean | Promise<boolean>;
  /** Told once, when the lease turns out to be somebody else's or over. */
  readonly onLost?: (why: Error) => void;
  /** Aborted: the claim rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the answer to the claim is waited for, in ms. @default 30,000 */
  readonly deadlineMs?: number | undefined;
}

/** Where the workflow was when it was claimed. */
export interface ClaimedAt {
  readonly epoch: string | null;
  readonly revision: number | null;
}

export interface Lease {
  readonly workflow_id: string;
  /** Another one after a lease that had ended was claimed anew. */
  readonly token: number;
  readonly lease_ms: number;
  readonly claimedAt: ClaimedAt;
  /** Whether the lease is still held, once no renewal is under way. */
  isHeld(): Promise<boolean>;
  /** Forgets the lease without a word: its commands no longer carry the token. */
  abandon(): void;
  /** Gives the lease back. Never rejects: what cannot be given back ends by itself. */
  release(): Promise<void>;
}

export interface LeaseParts {
  readonly clock: Clock;
  propose(command: Command, options: ProposeOptions): Promise<Accepted>;
  ping(): void;
  /** Whether any lease is held may have changed. */
  demandChanged(): void;
}

interface Held {
  readonly options: LeaseOptions;
  token: number;
  leaseMs: number;
  renewal: Promise<void> | null;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #held = new Map<string, Held>();
  #isConnected = false;
  readonly #pinging: Timer;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#pinging = new Timer(parts.clock);
  }

  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  async claim(workflow_id: string, options: LeaseOptions): Promise<Lease> {
    const { driver, signal, deadlineMs } = options;
    const command: Command = { kind: "claim", workflow_id, driver };
    const accepted = await this.#parts.propose(command, { signal, deadlineMs });
    const { token, lease_ms = LIMITS.leaseMs, epoch, revision } = accepted;
    if (token === undefined)
      throw new SyncError("internal", "the claim was accepted without a token");
    const held: Held = { options, token, leaseMs: lease_ms, renewal: null };
    this.#held.set(workflow_id, held);
    this.#keepAlive();
    this.#parts.demandChanged();
    return {
      workflow_id,
      get token() {
        return held.token;
      },
      lease_ms,
      claimedAt: { epoch, revision },
      isHeld: async () => {
        await held.renewal;
        return this.#held.get(workflow_id) === held;
      },
      abandon: () => void this.#forget(workflow_id, held),
      release: () => this.#release(workflow_id, held),
    };
  }

  /** The commands that are refused without a token while there is a lease; the others are everybody's. */
  tokenFor(command: Command): number | undefined {
    switch (command.kind) {
      case "save":
        return this.#tokenOf(command.workflow_id ?? command.state.workflow_id);
      case "step":
      case "claim":
      case "release":
        return this.#tokenOf(command.workflow_id);
      case "clear":
      case "restore":
      case "start":
      case "stop":
      case "answer":
      case "resume":
      case "retry":
        return undefined;
    }
  }

  /** A new socket knows nothing of our leases: they are claimed again, each with its token. */
  greeted(): void {
    this.#isConnected = true;
    for (const [workflow_id, held] of this.#held) {
      // A renewal that was not answered yet goes out again by itself.
      held.renewal ??= this.#renew(workflow_id, held).finally(() => {
        held.renewal = null;
      });
    }
    this.#keepAlive();
  }

  lost(): void {
    this.#isConnected = false;
    this.#keepAlive();
  }

  /** Answered at once, in the message handler: a hidden tab's timers may come a minute apart, its messages do not. */
  heartbeat(): void {
    if (this.isHolding) this.#parts.ping();
  }

  /** Forgets all leases without a word: they end by themselves. */
  close(): void {
    this.#held.clear();
    this.lost();
  }

  #tokenOf(workflow_id: unknown): number | undefined {
    return typeof workflow_id === "string" ? this.#held.get(workflow_id)?.token : undefined;
  }

  async #renew(workflow_id: string, held: Held): Promise<void> {
    const { driver, mayGoOn, onLost } = held.options;
    const { token } = held;
    try {
      const command: Command = { kind: "claim", workflow_id, driver };
      const options = { token, deadlineMs: Number.POSITIVE_INFINITY };
      const accepted = await this.#parts.propose(command, options);
      held.token = accepted.token ?? token;
      held.leaseMs = accepted.lease_ms ?? held.leaseMs;
      // Another token means another lease: the old one had ended, and we may not have been the only driver since.
      if (held.token === token || (await mayGoOn?.(accepted))) return;
      await this.#release(workflow_id, held);
      onLost?.(new SyncError("stale_driver", "the lease had ended"));
    } catch (error) {
      // Without a WebSocket there is nobody to claim from, which proves nothing about the lease.
      const isRefused = error instanceof SyncError && error.code !== "upgrade_required";
      if (isRefused && this.#forget(workflow_id, held)) onLost?.(error);
    }
  }

  async #release(workflow_id: string, held: Held): Promise<void> {
    if (!this.#forget(workflow_id, held)) return;
    const options = { token: held.token, deadlineMs: RELEASE_DEADLINE_MS };
    await this.#parts.propose({ kind: "release", workflow_id }, options).catch(() => {});
  }

  #forget(workflow_id: string, held: Held): boolean {
    if (this.#held.get(workflow_id) !== held) return false;
    this.#held.delete(workflow_id);
    this.#keepAlive();
    this.#parts.demandChanged();
    return true;
  }

  #keepAlive(): void {
    if (!this.#isConnected || !this.isHolding) return this.#pinging.cancel();
    const shortest = Math.min(...[...this.#held.values()].map((held) => held.leaseMs));
    this.#pinging.set(shortest / 3, () => {
      this.#parts.ping();
      this.#keepAlive();
    });
  }
}
