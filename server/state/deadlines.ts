/** When something falls due for a workflow, in elapsed time. The wall clock, which anybody may set, is read once for each time that an earlier process wrote down. */
import type { Clock } from "../../shared/clock.js";
import { isEnded } from "../../shared/statuses.js";
import { awakeOf } from "../time/awake.js";
import { restOf } from "../time/restOf.js";
import type { Leases } from "./leases.js";
import { type OutputPort, WITHOUT_OUTPUT } from "./outputPort.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import type { Committed } from "./store/store.js";

export interface DeadlinesOptions {
  readonly leases: Leases;
  readonly clock: Clock;
  /** How long an ended workflow stays in view. */
  readonly clearAfterMs: number;
  /** How long a driver without a lease may say nothing. */
  readonly silentAfterMs: number;
  readonly leaseMs: number;
  /** None where missing. */
  readonly outputs?: OutputPort | undefined;
  /** Whether this server may say that the driver is silent; missing for a server alone, which always may. */
  readonly judges?: ((record: LiveRecord) => boolean) | undefined;
  /** Whether this server takes an ended workflow out of view; it does where missing. */
  readonly expires?: ((record: LiveRecord) => boolean) | undefined;
}

/** A deed and the time it falls due. */
export interface Due {
  readonly deed: "expire" | "driver_gone" | "silent";
  /** In elapsed time. */
  readonly at: number;
}

export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #startedAt: number;
  /** When a workflow's driver was last heard of. */
  readonly #heardAt = new Map<string, number>();
  readonly #clearAt = new Map<string, { readonly epoch: string; readonly at: number }>();
  readonly #stopListening: () => void;
  #wokenAt = Number.NEGATIVE_INFINITY;

  constructor(options: DeadlinesOptions) {
    const { clock } = options;
    this.#options = options;
    this.#startedAt = clock.elapsed();
    this.#stopListening = awakeOf(clock).onWake(() => {
      this.#wokenAt = clock.elapsed();
    });
  }

  close(): void {
    this.#stopListening();
  }

  /** To be called with every committed change, before `due` is asked. */
  see(change: Committed): void {
    const { before } = change;
    const after = change.kind === "committed" ? change.after : null;
    const id = (after ?? change.before)?.workflow_id ?? "";
    if (!isLive(after)) {
      if (change.kind === "forgotten") return;
      this.#heardAt.delete(id);
      this.#clearAt.delete(id);
    } else if (after.state.last_update !== before?.state?.last_update) {
      this.#heardAt.set(id, this.#options.clock.elapsed());
    }
  }

  /** Null where nothing ever falls due by itself. */
  due(record: WorkflowRecord | undefined): Due | null {
    if (!isLive(record)) return null;
    if (isEnded(record.state.status)) {
      if (this.#options.expires?.(record) === false) return null;
      return { deed: "expire", at: this.#expiresAt(record) };
    }
    // The server's own runner ends with the process, and a workflow that waits for its turn is not silent.
    if (record.lease?.boot_id !== undefined || record.state.queued) return null;
    const lease = this.#options.leases.until(record.workflow_id);
    if (lease !== null) return { deed: "driver_gone", at: lease };
    if (record.state.status !== "running") return null;
    // Only the node that keeps what a step prints knows whether it prints.
    if (this.#options.judges?.(record) === false) return null;
    return { deed: "silent", at: this.#silentAt(record) };
  }

  /** Counted across restarts. */
  #expiresAt({ workflow_id, epoch, clear_at }: LiveRecord): number {
    const { clock, clearAfterMs } = this.#options;
    const known = this.#clearAt.get(workflow_id);
    if (known?.epoch === epoch) return known.at;
    const at = clock.elapsed() + restOf(clear_at ?? 0, clearAfterMs, clock);
    this.#clearAt.set(workflow_id, { epoch, at });
    return at;
  }

  /** Right after a start a driver gets the time of a lease to be heard: it could not report to a server that was not there. */
  #silentAt(record: LiveRecord): number {
    const { silentAfterMs, leaseMs, outputs = WITHOUT_OUTPUT } = this.#options;
    // A step that prints is not silent.
    const printedAt = outputs.lastAppend(record) ?? Number.NEGATIVE_INFINITY;
    const heardAt = Math.max(this.#reportedAt(record), printedAt, this.#wokenAt);
    return Math.max(heardAt + silentAfterMs, this.#startedAt + leaseMs);
  }

  #reportedAt({ workflow_id, state }: LiveRecord): number {
    const known = this.#heardAt.get(workflow_id);
    if (known !== undefined) return known;
    const { clock, silentAfterMs } = this.#options;
    const silentAt = Date.parse(state.last_update) + silentAfterMs;
    const at = clock.elapsed() + restOf(silentAt, silentAfterMs, clock) - silentAfterMs;
    this.#heardAt.set(workflow_id, at);
    return at;
  }
}
