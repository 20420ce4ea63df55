/** How long each driver's lease still runs. The record says who holds a lease; only this file knows for how long. */
import type { Clock } from "../../shared/clock.js";
import { awakeOf } from "../time/awake.js";
import type { Commits } from "./commits.js";
import type { SharedLeases } from "./store/store.js";

export class Leases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #shared: SharedLeases | undefined;
  readonly #held = new Map<string, { token: number; until: number }>();
  readonly #stops: readonly (() => void)[];

  /** At the start, and after we slept, every lease has its full time again: its driver could not renew it while no server ran. */
  constructor(commits: Commits, clock: Clock, leaseMs: number, shared?: SharedLeases) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#shared = shared;
    for (const { workflow_id, lease } of commits.store.open.values())
      this.#follow(workflow_id, lease);
    this.#stops = [
      commits.listen("memory", (change) => {
        if (change.kind === "committed") this.#follow(change.after.workflow_id, change.after.lease);
        else if (change.kind !== "forgotten") this.#held.delete(change.before.workflow_id);
      }),
      awakeOf(clock).onWake(() => {
        for (const held of this.#held.values()) held.until = this.#fullTime();
      }),
    ];
  }

  /** Gives the lease its full time again, where `token` is the lease's; any other token does nothing. */
  renew(workflow_id: string, token: number): void {
    this.#shared?.renew(workflow_id, token);
    const held = this.#held.get(workflow_id);
    if (held?.token === token) held.until = this.#fullTime();
  }

  /** Whether `token` is that of the workflow's lease. */
  isHeldWith(workflow_id: string, token: number): boolean {
    return this.#held.get(workflow_id)?.token === token;
  }

  /** Until when the lease runs, in elapsed time, or null if there is none. One that several servers share ends when they say so: never by our clock. */
  until(workflow_id: string): number | null {
    if (this.#shared && this.#held.has(workflow_id)) return Number.POSITIVE_INFINITY;
    return this.#held.get(workflow_id)?.until ?? null;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#held.clear();
  }

  #fullTime(): number {
    return this.#clock.elapsed() + this.#leaseMs;
  }

  #follow(workflow_id: string, lease: { token: number } | null): void {
    if (!lease) {
      this.#held.delete(workflow_id);
    } else if (this.#held.get(workflow_id)?.token !== lease.token) {
      this.#held.set(workflow_id, { token: lease.token, until: this.#fullTime() });
    }
  }
}
