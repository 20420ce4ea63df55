/** The authority: which workflow a command means, one line of commands for each, and which one is current. */

import { randomBytes } from "node:crypto";
import type { Clock } from "../../shared/clock.js";
import { shuttingDown } from "../../shared/errors.js";
import { newWorkflowId } from "../../shared/identifiers.js";
import type { Limits } from "../../shared/limits.js";
import { CURRENT } from "../../shared/names.js";
import type { Command } from "../../shared/schema/command.js";
import { ClearCandidates } from "./clearCandidates.js";
import { Clearing } from "./clearing.js";
import type { Commits } from "./commits.js";
import { ImpliedIds } from "./impliedIds.js";
import type { Leases } from "./leases.js";
import { Line, type StillSo } from "./line.js";
import { NewestEnded } from "./newestEnded.js";
import { Openings } from "./openings.js";
import { type OutputPort, WITHOUT_OUTPUT } from "./outputPort.js";
import { isStart, namedIn, nothingThere } from "./rules/meantWorkflow.js";
import type { Opening, Outcome, Records, ReduceContext } from "./rules/outcome.js";
import { findRepeated } from "./rules/receipts.js";
import type { ServerCommand } from "./rules/serverCommands.js";
import type { Submission } from "./rules/submission.js";
import { EVERYTHING, type Scope } from "./scope.js";
import { StateSizes } from "./stateSizes.js";
import type { Damages } from "./store/damages.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import { type Committed, RequestTaken, type Store } from "./store/store.js";
import type { Telling } from "./untold.js";

export interface WorkflowsOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly clearAfterMs: number;
  readonly keepsHistory: boolean;
  /** None where missing. */
  readonly outputs?: OutputPort;
  /** The name of this server in its cluster; missing for a server alone. */
  readonly node?: string | undefined;
  /** Whether a node of the cluster is there. */
  readonly isThere?: ((node: string) => boolean) | undefined;
  /** Missing where nobody is told of what happens. */
  readonly telling?: Telling | undefined;
}

/** A readable workflow: an open one, or one of the history. */
export interface KnownWorkflow {
  readonly record: LiveRecord;
  readonly inHistory: boolean;
}

export class Workflows {
  /** The records that cannot be read. */
  readonly damages: Damages | undefined;
  readonly #options: WorkflowsOptions;
  readonly #sizes: StateSizes;
  readonly #outputs: OutputPort;
  readonly #clearCandidates: ClearCandidates;
  readonly #clearing: Clearing;
  readonly #openings: Openings;
  readonly #lines = new Map<string, Line>();
  readonly #newestEnded = new NewestEnded();
  readonly #implied = new ImpliedIds();
  readonly #stopListening: () => void;
  #current: LiveRecord | null = null;
  #isClosing = false;

  constructor(options: WorkflowsOptions) {
    this.#options = options;
    this.damages = options.store.damages;
    this.#sizes = new StateSizes(options.limits.stateBytes);
    this.#outputs = options.outputs ?? WITHOUT_OUTPUT;
    this.#clearCandidates = new ClearCandidates(options.store, options.clock);
    this.#clearing = new Clearing({
      ...options,
      clearCandidates: this.#clearCandidates,
      receiptsPerWorkflow: options.limits.receiptsPerWorkflow,
      untilKept: options.telling?.untilKept,
    });
    this.#openings = new Openings(options.limits.openWorkflows, () =>
      Math.max(options.store.damages?.lastOrder ?? 0, options.store.lastOrder ?? 0),
    );
    for (const record of options.store.history.values()) this.#seeLoaded(record, true);
    for (const record of options.store.open.values()) this.#seeLoaded(record, false);
    this.#current = newest(options.store);
    this.#stopListening = options.commits.listen("memory", (change) => this.#see(change));
  }

  /** The workflow started last and not cleared. */
  get current(): LiveRecord | null {
    return this.#current;
  }

  /** The same among those of a scope. */
  currentWithin(scope: Scope): LiveRecord | null {
    return scope.isEverything ? this.#current : newest(this.#options.store, scope);
  }

  /** The workflow that an id, or `current`, means to a reader; null where there is none. */
  find(subject: string): KnownWorkflow | null {
    if (subject === CURRENT) return this.#current && { record: this.#current, inHistory: false };
    const open = this.#options.store.open.get(subject);
    if (isLive(open)) return { record: open, inHistory: false };
    const ended = this.#newestEnded.get(subject);
    return isLive(ended) ? { record: ended, inHistory: true } : null;
  }

  /** Every readable workflow, in no order. */
  *all(): Iterable<KnownWorkflow> {
    for (const record of this.#options.store.open.values()) {
      if (isLive(record)) yield { record, inHistory: false };
    }
    for (const record of this.#options.store.history.values()) {
      if (isLive(record)) yield { record, inHistory: true };
    }
  }

  /**
   * Resolves once the command's effect is durable and announced. Rejects with SyncError where it was refused; then nothing of
   * it remains.
   */
  async submit(submission: Submission): Promise<Outcome> {
    if (this.#isClosing) throw shuttingDown();
    const named = namedIn(submission.command);
    if (named !== null) {
      if (submission.token !== undefined) this.#options.leases.renew(named, submission.token);
      return this.#line(named).push(submission);
    }
    const meant = this.#implied.meantBy(submission.requestId) ?? this.#meantBy(submission.command);
    if (meant === null) return nothingThere(submission);
    return this.#submitToImplied(meant, submission);
  }

  /** The outcome of this very command, where it was accepted before; null where it was not. Throws SyncError `key_reused`. */
  findRepeated(submission: Submission): Outcome | null {
    const meant = namedIn(submission.command) ?? this.#implied.meantBy(submission.requestId);
    return meant === null ? null : findRepeated(this.#records(meant), submission);
  }

  /** A command of the server's own, such as that the driver is gone. Nothing happens where `isStillSo` says no once the command's turn has come. */
  say(workflow_id: string, command: ServerCommand, isStillSo?: StillSo): Promise<Outcome> {
    return this.#line(workflow_id).say(command, isStillSo);
  }

  /** The end of this epoch of the workflow was in view for long enough. */
  expire(workflow_id: string, epoch: string): Promise<Outcome> {
    return this.#line(workflow_id).expire(epoch);
  }

  /** There are too many traces of cleared workflows, and this one is among the oldest. */
  dropTrace(workflow_id: string): Promise<Outcome> {
    return this.#line(workflow_id).dropTrace();
  }

  /** Refuses every command from now on; resolves when all that were accepted are durable. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (;;) {
      const busy = [...this.#lines.values()].flatMap(({ busy }) => busy ?? []);
      if (busy.length === 0) break;
      await Promise.all(busy);
    }
    this.#stopListening();
  }

  async #submitToImplied(workflow_id: string, submission: Submission): Promise<Outcome> {
    const { requestId, token } = submission;
    if (token !== undefined) this.#options.leases.renew(workflow_id, token);
    if (requestId !== undefined) this.#implied.remember(requestId, workflow_id);
    try {
      const outcome = await this.#line(workflow_id).push({ ...submission, implied: true });
      if (submission.command.kind === "clear") this.#clearCandidates.forget(workflow_id);
      return outcome;
    } catch (refusal) {
      if (refusal instanceof RequestTaken) return this.#submitToTaken(refusal, submission);
      const kept = this.#options.store.open
        .get(workflow_id)
        ?.receipts.some(({ id }) => id === requestId);
      if (requestId !== undefined && !kept) this.#implied.forget(requestId);
      throw refusal;
    }
  }

  /** Another server was quicker with the very same request: its outcome is this one's. */
  #submitToTaken({ workflow_id, requestId }: RequestTaken, submission: Submission) {
    this.#implied.remember(requestId, workflow_id);
    return this.#line(workflow_id).push({ ...submission, implied: true });
  }

  #meantBy(command: Command): string | null {
    if (isStart(command)) return newWorkflowId(this.#options.clock.now());
    return this.#current?.workflow_id ?? null;
  }

  #line(workflow_id: string): Line {
    let line = this.#lines.get(workflow_id);
    if (!line) {
      line = new Line({
        store: this.#options.store,
        commits: this.#options.commits,
        clock: this.#options.clock,
        sizes: this.#sizes,
        outputs: this.#outputs,
        openings: this.#openings,
        clearing: this.#clearing,
        records: () => this.#records(workflow_id),
        reduceContext: (opening) => this.#reduceContext(workflow_id, opening),
        mark: this.#options.telling?.mark,
        onIdle: () => void this.#lines.delete(workflow_id),
      });
      this.#lines.set(workflow_id, line);
    }
    return line;
  }

  #records(workflow_id: string): Records {
    const damaged = this.damages?.openOf(workflow_id) ?? null;
    return {
      workflow_id,
      open: this.#options.store.open.get(workflow_id) ?? null,
      ended: this.#newestEnded.get(workflow_id) ?? null,
      damaged: damaged !== null,
      backup: damaged?.backup ?? null,
    };
  }

  #reduceContext(workflow_id: string, opening: Opening): ReduceContext {
    const { clock, clearAfterMs, limits, store, node, isThere } = this.#options;
    const open = store.open.get(workflow_id);
    return {
      now: clock.now(),
      clearAfterMs,
      receiptsPerWorkflow: limits.receiptsPerWorkflow,
      // No command gives a record that is live another epoch: chance is asked only where one begins.
      epoch: isLive(open) ? open.epoch : randomBytes(8).toString("hex"),
      opening,
      logBytes: (epoch, step, attempt) => this.#outputs.next({ workflow_id, epoch, step, attempt }),
      node,
      isThere,
    };
  }

  #see(change: Committed): void {
    this.#clearCandidates.see(change);
    if (change.kind === "committed" && this.#options.node !== undefined)
      this.#implied.see(change.before, change.after);
    if (change.kind === "forgotten") {
      return this.#newestEnded.forget(change.before, this.#options.store.history.values());
    }
    const before = isLive(change.before) ? change.before : null;
    const after = change.kind === "committed" && isLive(change.after) ? change.after : null;
    this.#openings.see(before, after);
    if (change.kind === "archived") this.#newestEnded.see(change.before);
    if (after && after.order >= (this.#current?.order ?? 0)) this.#current = after;
    else if (!after && before?.workflow_id === this.#current?.workflow_id) {
      this.#current = newest(this.#options.store);
    }
  }

  #seeLoaded(record: WorkflowRecord, inHistory: boolean): void {
    this.#openings.load(record, !inHistory);
    if (inHistory) this.#newestEnded.see(record);
    this.#implied.load(record);
  }
}

function newest({ open }: Store, scope: Scope = EVERYTHING): LiveRecord | null {
  let found: LiveRecord | null = null;
  for (const record of open.values()) {
    const isNewer = isLive(record) && record.order > (found?.order ?? -1);
    if (isNewer && scope.has(record.workflow_id)) found = record;
  }
  return found;
}
