/** How long each driver's lease still runs. That there is one stands in the record; how long is only known here. */
import type { Clock } from "../../shared/clock.js";
import type { Commits } from "./commits.js";

export class Leases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #held = new Map<string, { token: number; until: number }>();
  readonly #stop: () => void;

  /** A lease found at the start has its full time again: its driver could not renew it while there was no server. */
  constructor(commits: Commits, clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    for (const { workflow_id, lease } of commits.store.open.values())
      this.#follow(workflow_id, lease);
    this.#stop = commits.listen("memory", (change) => {
      if (change.kind === "committed") this.#follow(change.after.workflow_id, change.after.lease);
      else if (change.kind !== "forgotten") this.#held.delete(change.before.workflow_id);
    });
  }

  /** A sign of life of whoever holds the token; of nobody, if it is not the one. */
  renew(workflowId: string, token: number): void {
    const held = this.#held.get(workflowId);
    if (held?.token === token) held.until = this.#clock.now() + this.#leaseMs;
  }

  /** Until when the lease runs, or null if there is none. */
  until(workflowId: string): number | null {
    const held = this.#held.get(workflowId);
    if (!held) return null;
    // A wall clock that was set back must not make a lease last for days.
    held.until = Math.min(held.until, this.#clock.now() + this.#leaseMs);
    return held.until;
  }

  close(): void {
    this.#stop();
    this.#held.clear();
  }

  #follow(workflowId: string, lease: { token: number } | null): void {
    if (!lease) {
      this.#held.delete(workflowId);
    } else if (this.#held.get(workflowId)?.token !== lease.token) {
      this.#held.set(workflowId, { token: lease.token, until: this.#clock.now() + this.#leaseMs });
    }
  }
}
