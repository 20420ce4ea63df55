/** One workflow's line of commands: each reduced, saved together with its neighbours, and only then answered. */
import { setImmediate } from "node:timers/promises";
import { SyncError } from "../../shared/errors.js";
import { isEnded } from "../../shared/statuses.js";
import type { ClearCandidates } from "./clearCandidates.js";
import type { OutputPort } from "./outputPort.js";
import { checkNotRunningHere, checkOnlyOneMeant } from "./rules/clearing.js";
import { checkExpected } from "./rules/expected.js";
import type { Outcome, Place, ReduceContext } from "./rules/outcome.js";
import { findRepeated, remember } from "./rules/receipts.js";
import { reduce } from "./rules/reduce.js";
import { type InternalCommand, said } from "./rules/serverCommands.js";
import type { StateSizes } from "./rules/stateSizes.js";
import { finishesSteps } from "./rules/stepOutput.js";
import type { Submission } from "./rules/submission.js";
import { isLive, type LiveRecord, type WorkflowRecord } from "./store/record.js";
import { type Store, StoreConflict } from "./store/store.js";

export interface LineContext {
  readonly store: Store;
  readonly sizes: StateSizes;
  readonly outputs: OutputPort;
  /** Where the workflow of this line is now. */
  readonly place: () => Place;
  readonly clearCandidates: ClearCandidates;
  /** Taken anew for every batch: it holds the time. */
  readonly reduceContext: () => ReduceContext;
  /** Whether an ended workflow stays readable after it was cleared from view. */
  readonly keepsHistory: boolean;
  /** Nothing waits any more; the next command may come to a new line. */
  readonly onIdle: () => void;
}

type Task =
  | { readonly do: "reduce"; readonly submission: Submission }
  | { readonly do: "say"; readonly command: InternalCommand; readonly isStillSo: StillSo }
  | { readonly do: "clear"; readonly submission: Submission }
  | { readonly do: "expire"; readonly epoch: string }
  | { readonly do: "dropTrace" };

/** Asked of the record that the word would be about. */
export type StillSo = (record: WorkflowRecord) => boolean;

interface Job {
  readonly task: Task;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (why: unknown) => void;
}

/** With one process there are none; with several, each means somebody else got through. */
const MOST_CONFLICTS = 16;

const traceOf = (record: WorkflowRecord, receipts: WorkflowRecord["receipts"]): WorkflowRecord => ({
  ...record,
  state: null,
  lease: null,
  clear_at: null,
  receipts,
});

/** Such a job does not share its write. */
const endsRecord = ({ task }: Job): boolean => task.do !== "reduce" && task.do !== "say";

/** Its checks took their time: the others get a turn before it is reduced. */
const LARGE_BYTES = 64 * 1024;

const isLarge = ({ task }: Job): boolean =>
  task.do === "reduce" && task.submission.bytes > LARGE_BYTES;

const NOTHING: Outcome = { workflow_id: null, epoch: null, revision: null };

export class Line {
  readonly #context: LineContext;
  #queue: Job[] = [];
  #draining: Promise<void> | null = null;

  constructor(context: LineContext) {
    this.#context = context;
  }

  /** Resolves once the command's effect is durable and announced; rejects if it was refused. */
  push(submission: Submission): Promise<Outcome> {
    return this.#enqueue({
      do: submission.command.kind === "clear" ? "clear" : "reduce",
      submission,
    });
  }

  /** The server's own word; nothing happens to a workflow that is over, or where it is not so any more when the word's turn comes. */
  say(command: InternalCommand, isStillSo: StillSo = () => true): Promise<Outcome> {
    return this.#enqueue({ do: "say", command, isStillSo });
  }

  /** Clears from view what ended and had its time, by its epoch; anything else stays. */
  expire(epoch: string): Promise<Outcome> {
    return this.#enqueue({ do: "expire", epoch });
  }

  /** Removes the trace of what was cleared; anything else stays. */
  dropTrace(): Promise<Outcome> {
    return this.#enqueue({ do: "dropTrace" });
  }

  /** Null once nothing is waiting. */
  get busy(): Promise<void> | null {
    return this.#draining;
  }

  #enqueue(task: Task): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** What arrives during a write shares the next one. */
  async #drain(): Promise<void> {
    // One turn of patience, so that commands read from the socket together are saved together.
    await (this.#queue.some(isLarge) ? setImmediate() : Promise.resolve());
    while (this.#queue.length > 0) {
      const [first] = this.#queue as [Job, ...Job[]];
      if (endsRecord(first)) {
        this.#queue.shift();
        await this.#alone(first);
      } else {
        const end = this.#queue.findIndex(endsRecord);
        await this.#together(this.#queue.splice(0, end === -1 ? this.#queue.length : end));
      }
    }
    // In the same turn as the last look at the queue: what comes next starts a new run.
    this.#draining = null;
    this.#context.onIdle();
  }

  /** One write for all of them. Nobody is answered before it: a refusal, too, may rest on what is being written. */
  async #together(jobs: readonly Job[]): Promise<void> {
    try {
      await this.#retryingConflicts(async () => {
        const place = this.#context.place();
        const reduced = this.#reduceAll(jobs, place);
        if (reduced.record && reduced.record !== place.open) {
          // Whoever hears that a step is done may rely on all it printed.
          if (finishesSteps(place.open?.state ?? null, reduced.record.state))
            await this.#context.outputs.flush(reduced.record);
          const { output_epoch } = reduced.record;
          if (place.damaged && output_epoch !== undefined)
            await this.#context.outputs.adopt(reduced.record, output_epoch);
          await this.#context.store.commit(reduced.record, place.open);
        }
        for (const answer of reduced.answers) answer();
      });
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }

  #reduceAll(jobs: readonly Job[], place: Place) {
    const context = this.#context.reduceContext();
    const answers: (() => void)[] = [];
    let record = place.open;
    for (const job of jobs) {
      try {
        const reduced = this.#reduceOne(job.task, { ...place, open: record }, context);
        record = reduced.record;
        answers.push(() => job.resolve(reduced.outcome));
      } catch (refusal) {
        answers.push(() => job.reject(refusal));
      }
    }
    return { record, answers };
  }

  #reduceOne(task: Task, place: Place, context: ReduceContext) {
    if (task.do === "say") {
      const { open } = place;
      const record = open && task.isStillSo(open) ? said(open, task.command, context) : null;
      return { record: record ?? open, outcome: NOTHING };
    }
    if (task.do !== "reduce") throw new Error(`${task.do} is not reduced`);
    const reduced = reduce(place, task.submission, context);
    // What is restored had its size checked when it was saved.
    if (task.submission.command.kind === "restore") return reduced;
    this.#context.sizes.check(
      place.open?.state ?? null,
      reduced.record?.state ?? null,
      task.submission.bytes,
    );
    return reduced;
  }

  async #alone({ task, resolve, reject }: Job): Promise<void> {
    try {
      await this.#retryingConflicts(async () => {
        if (task.do === "clear") return resolve(await this.#clear(task.submission));
        if (task.do === "expire") await this.#expire(task.epoch);
        else await this.#dropTrace();
        resolve(NOTHING);
      });
    } catch (error) {
      reject(error);
    }
  }

  async #clear(submission: Submission): Promise<Outcome> {
    const place = this.#context.place();
    const repeated = findRepeated(place, submission);
    if (repeated) return repeated;
    checkExpected(place, submission);
    if (isLive(place.open)) {
      if (submission.implied)
        checkOnlyOneMeant(place.workflow_id, this.#context.clearCandidates.besides(place.open));
      checkNotRunningHere(place.open);
      const { workflow_id, epoch, revision, receipts } = place.open;
      const outcome = { workflow_id, epoch, revision };
      const { receiptsPerWorkflow } = this.#context.reduceContext();
      await this.#end(place.open, remember(receipts, submission, outcome, receiptsPerWorkflow));
      return outcome;
    }
    await this.#context.store.damages?.putAway(place.workflow_id);
    return place.ended ? this.#forget(place, place.ended, submission) : NOTHING;
  }

  /** Out of the history; the trace comes last, so that a clear cut short is not taken for one that was done. */
  async #forget(place: Place, ended: WorkflowRecord, submission: Submission): Promise<Outcome> {
    const { store } = this.#context;
    for (const { workflow_id, epoch } of [...store.history.values()]) {
      if (workflow_id === place.workflow_id) await store.forget(epoch);
    }
    const { workflow_id, epoch, revision } = ended;
    const outcome = { workflow_id, epoch, revision };
    const known = (place.open ?? ended).receipts;
    const { receiptsPerWorkflow } = this.#context.reduceContext();
    const receipts = remember(known, submission, outcome, receiptsPerWorkflow);
    if (receipts.length > 0) await store.commit(traceOf(ended, receipts), place.open);
    return outcome;
  }

  async #expire(epoch: string): Promise<void> {
    const { open } = this.#context.place();
    // Cleared meanwhile: the trace that this left must stay.
    if (!isLive(open) || !isEnded(open.state.status) || open.epoch !== epoch) return;
    if (this.#context.keepsHistory) await this.#context.store.archive(open);
    else await this.#end(open, open.receipts);
  }

  async #dropTrace(): Promise<void> {
    const { open } = this.#context.place();
    if (open && !isLive(open)) await this.#context.store.remove(open);
  }

  /** A trace stays only where there are receipts: a repeated command must find what it did. */
  #end(record: LiveRecord, receipts: WorkflowRecord["receipts"]): Promise<void> {
    const { store } = this.#context;
    if (receipts.length === 0) return store.remove(record);
    return store.commit(traceOf(record, receipts), record);
  }

  async #retryingConflicts(run: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (attempt === MOST_CONFLICTS) {
          throw new SyncError("not_saved", "the workflow is being changed too often elsewhere", {
            cause: error,
          });
        }
      }
    }
  }
}
