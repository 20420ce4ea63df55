/** What time does to workflows: the end is cleared, a lost driver is noticed, the history stays short. */
import type { Clock } from "../../shared/clock.js";
import { isEnded } from "../../shared/workflow.js";
import type { Commits } from "./commits.js";
import type { Leases } from "./leases.js";
import { NO_OUTPUTS, type Outputs } from "./outputs.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./record.js";
import type { Committed, Store } from "./store.js";
import type { Workflows } from "./workflows.js";

export interface RetentionOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly history: number;
  readonly silentAfterMs: number;
  readonly leaseMs: number;
  readonly tombstones: number;
  /** None where missing. */
  readonly outputs?: Outputs;
  /** A deed that the disk refused: it is tried again, and somebody should know. */
  readonly onFailure: (error: unknown, workflowId: string) => void;
}

type Deed = "expire" | "driver_gone" | "silent";

interface Due {
  readonly at: number;
  readonly deed: Deed;
}

/** After a refusal by the disk. */
const AGAIN_MS = 5_000;

export class Retention {
  readonly #options: RetentionOptions;
  readonly #startedAt: number;
  readonly #timers = new Map<string, () => void>();
  #stopListening = () => {};
  #trimming: Promise<void> | null = null;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** From here on deadlines are kept, until `close`. */
  begin(): void {
    const { store, commits } = this.#options;
    this.#stopListening = commits.listen("deadlines", (change) => this.#see(change));
    for (const { workflow_id } of store.open.values()) this.#arm(workflow_id);
    this.#trim();
  }

  /** Leaves no timer behind; resolves when no removal is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    await this.#trimming;
  }

  #see(change: Committed): void {
    if (change.kind === "committed") {
      // A timer that is already set looks for itself whether its time has come; only what may now be earlier is armed anew.
      const { after, before } = change;
      const same = before !== null && shapeOf(before) === shapeOf(after);
      if (!same) this.#arm(after.workflow_id);
      if (after.state === null) this.#trim();
    } else if (change.kind !== "forgotten") {
      this.#disarm(change.before.workflow_id);
      this.#trim();
    }
  }

  #arm(workflowId: string): void {
    this.#disarm(workflowId);
    const due = this.#due(workflowId);
    if (!due || this.#closed) return;
    const { clock } = this.#options;
    const cancel = clock.after(due.at - clock.now(), () => {
      this.#timers.delete(workflowId);
      this.#ring(workflowId);
    });
    this.#timers.set(workflowId, cancel);
  }

  #disarm(workflowId: string): void {
    this.#timers.get(workflowId)?.();
    this.#timers.delete(workflowId);
  }

  #ring(workflowId: string): void {
    const due = this.#due(workflowId);
    if (!due) return;
    if (due.at > this.#options.clock.now()) return this.#arm(workflowId);
    const { workflows } = this.#options;
    const done =
      due.deed === "expire"
        ? workflows.expire(workflowId)
        : workflows.say(workflowId, { kind: "interrupt", reason: due.deed });
    done.catch((error) => {
      if (this.#closed) return;
      this.#options.onFailure(error, workflowId);
      this.#timers.set(
        workflowId,
        this.#options.clock.after(AGAIN_MS, () => this.#arm(workflowId)),
      );
    });
  }

  #due(workflowId: string): Due | null {
    const record = this.#options.store.open.get(workflowId);
    if (!isLive(record)) return null;
    if (isEnded(record.state.status)) return { at: record.clear_at ?? 0, deed: "expire" };
    // The server's own runner ends with the process, and what waits for its turn is not silent.
    if (record.lease?.boot_id !== undefined || record.state.queued) return null;
    const lease = this.#options.leases.until(workflowId);
    if (lease !== null) return { at: lease, deed: "driver_gone" };
    return record.state.status === "running"
      ? { at: this.#silentAt(record), deed: "silent" }
      : null;
  }

  /** Right after a start a driver gets the time of a lease to be heard: it could not report to a server that was not there. */
  #silentAt(record: LiveRecord): number {
    const { silentAfterMs, leaseMs, clock, outputs = NO_OUTPUTS } = this.#options;
    // A step that prints is not silent.
    const last = Math.max(Date.parse(record.state.last_update), outputs.lastAppend(record) ?? 0);
    // A report "from the future" (the clock was set back) must not keep a dead driver alive.
    const heard = Math.min(last, clock.now());
    return Math.max(heard + silentAfterMs, this.#startedAt + leaseMs);
  }

  /** Keeps the newest of the history, and the newest traces of cleared workflows. */
  #trim(): void {
    this.#trimming ??= this.#removeOldest();
  }

  async #removeOldest(): Promise<void> {
    const { store, workflows, history, tombstones, onFailure } = this.#options;
    // Off the announcing path, so that several ends in one turn are one look.
    await Promise.resolve();
    try {
      for (;;) {
        const ended = beyond(store.history.values(), history, ({ clear_at }) => clear_at ?? 0);
        const traces = beyond(tracesIn(store), tombstones, ({ order }) => order);
        if (this.#closed || ended.length + traces.length === 0) break;
        for (const { epoch } of ended) await store.forget(epoch);
        // On its line: a new workflow may be starting under the same id.
        for (const { workflow_id } of traces) await workflows.dropTrace(workflow_id);
      }
    } catch (error) {
      onFailure(error, "history");
    }
    this.#trimming = null;
  }
}

function* tracesIn({ open }: Store): Iterable<WorkflowRecord> {
  for (const record of open.values()) if (record.state === null) yield record;
}

/** What decides which deed is due, apart from how late it is. */
const shapeOf = ({ state, lease }: WorkflowRecord): string =>
  `${state?.status}/${lease?.token}/${state?.queued !== undefined}`;

function beyond<T>(records: Iterable<T>, keep: number, age: (record: T) => number): T[] {
  const all = [...records];
  if (all.length <= keep) return [];
  return all.sort((a, b) => age(b) - age(a)).slice(keep);
}
