/** Carries out what time asks for: ended workflows leave the view, a lost driver is noticed, the history stays short. */
import { awakeOf } from "../time/awake.js";
import type { Commits } from "./commits.js";
import { Deadlines, type DeadlinesOptions, type Due } from "./deadlines.js";
import type { WorkflowRecord } from "./store/record.js";
import type { Committed, Store } from "./store/store.js";
import type { Workflows } from "./workflows.js";

export interface RetentionOptions extends DeadlinesOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly history: number;
  readonly tombstones: number;
  /** Resolves once everybody who has to be told of this epoch's end was told: the workflow stays in view until then. Null where nobody has to be. */
  readonly heldBack?: (epoch: string) => Promise<void> | null;
  /** Called for a deed that the disk refused. It is tried again. */
  readonly onFailure: (error: unknown, workflow_id: string) => void;
}

/** After a refusal by the disk. */
const AGAIN_MS = 5_000;

export class Retention {
  readonly #options: RetentionOptions;
  readonly #deadlines: Deadlines;
  readonly #timers = new Map<string, () => void>();
  #stopListening = () => {};
  #stopListeningToLeases = () => {};
  #trimming: Promise<void> | null = null;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options);
  }

  /** From here on deadlines are kept, until `close`. */
  begin(): void {
    const { store, commits } = this.#options;
    this.#stopListening = commits.listen("deadlines", (change) => this.#see(change));
    this.#stopListeningToLeases =
      store.leases?.onEnd((workflow_id, token) => this.#leaseEnded(workflow_id, token)) ??
      (() => {});
    for (const { workflow_id } of store.open.values()) this.#arm(workflow_id);
    this.#trim();
  }

  /** Another node came or left: this server may have become the judge of some workflows. */
  armAll(): void {
    for (const { workflow_id } of this.#options.store.open.values())
      if (!this.#timers.has(workflow_id)) this.#arm(workflow_id);
  }

  /** Leaves no timer behind; resolves when no removal is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    this.#stopListeningToLeases();
    this.#deadlines.close();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    await this.#trimming;
  }

  #see(change: Committed): void {
    this.#deadlines.see(change);
    if (change.kind === "committed") {
      // A timer that is already set looks for itself whether its time has come; only what may now be earlier is armed anew.
      const { after, before } = change;
      const same = before !== null && shapeOf(before) === shapeOf(after);
      // In a cluster this server may have become its judge.
      const isUnarmed = this.#options.judges && !this.#timers.has(after.workflow_id);
      if (!same || isUnarmed) this.#arm(after.workflow_id);
      if (after.state === null) this.#trim();
    } else if (change.kind !== "forgotten") {
      this.#disarm(change.before.workflow_id);
      this.#trim();
    }
  }

  #arm(workflow_id: string): void {
    this.#disarm(workflow_id);
    const due = this.#due(workflow_id);
    if (!due || this.#closed || due.at === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    const cancel = clock.after(due.at - clock.elapsed(), () => {
      this.#timers.delete(workflow_id);
      this.#ring(workflow_id);
    });
    this.#timers.set(workflow_id, cancel);
  }

  #disarm(workflow_id: string): void {
    this.#timers.get(workflow_id)?.();
    this.#timers.delete(workflow_id);
  }

  #ring(workflow_id: string): void {
    const due = this.#due(workflow_id);
    if (!due) return;
    if (!this.#isOver(due)) return this.#arm(workflow_id);
    if (due.deed === "expire") return this.#expire(workflow_id);
    // A report may wait in a socket, unread, or this process may have slept.
    const cancel = awakeOf(this.#options.clock).onceRead(() => {
      this.#timers.delete(workflow_id);
      this.#judge(workflow_id);
    });
    this.#timers.set(workflow_id, cancel);
  }

  #expire(workflow_id: string): void {
    const epoch = this.#options.store.open.get(workflow_id)?.epoch ?? "";
    const held = this.#options.heldBack?.(epoch) ?? null;
    if (held) {
      void held.then(() => this.#arm(workflow_id));
      return;
    }
    this.#do(workflow_id, this.#options.workflows.expire(workflow_id, epoch));
  }

  #judge(workflow_id: string): void {
    const due = this.#due(workflow_id);
    if (!due) return;
    if (due.deed === "expire" || !this.#isOver(due)) return this.#arm(workflow_id);
    // Behind a slow write the server's command waits for its turn, and a report may come before it.
    const isStillDue = (record: WorkflowRecord) => {
      const again = this.#deadlines.due(record);
      return again?.deed === due.deed && this.#isOver(again);
    };
    const word = { kind: "interrupt", reason: due.deed } as const;
    this.#do(workflow_id, this.#options.workflows.say(workflow_id, word, isStillDue));
  }

  #leaseEnded(workflow_id: string, token: number): void {
    const word = { kind: "interrupt", reason: "driver_gone" } as const;
    const isStillIts = ({ lease }: WorkflowRecord) => lease?.token === token;
    this.#do(workflow_id, this.#options.workflows.say(workflow_id, word, isStillIts));
  }

  #do(workflow_id: string, deed: Promise<unknown>): void {
    deed.then(
      () => {
        // Where it was not due any more, its time comes later.
        if (!this.#timers.has(workflow_id)) this.#arm(workflow_id);
      },
      (error) => {
        if (this.#closed) return;
        this.#options.onFailure(error, workflow_id);
        // A change that came meanwhile may have set one.
        this.#disarm(workflow_id);
        this.#timers.set(
          workflow_id,
          this.#options.clock.after(AGAIN_MS, () => this.#arm(workflow_id)),
        );
      },
    );
  }

  #due(workflow_id: string): Due | null {
    return this.#deadlines.due(this.#options.store.open.get(workflow_id));
  }

  #isOver({ at }: Due): boolean {
    return at <= this.#options.clock.elapsed();
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

/** The parts of a record that decide which deed is due, apart from the time. */
const shapeOf = ({ state, lease }: WorkflowRecord): string =>
  `${state?.status}/${lease?.token}/${state?.queued !== undefined}`;

function beyond<T>(records: Iterable<T>, keep: number, age: (record: T) => number): T[] {
  const all = [...records];
  if (all.length <= keep) return [];
  return all.sort((a, b) => age(b) - age(a)).slice(keep);
}
