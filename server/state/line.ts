/** One workflow's line of commands: each reduced, saved together with its neighbours, and only then answered. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { pause } from "../../shared/pause.js";
import type { Clearing } from "./clearing.js";
import type { Commits } from "./commits.js";
import { Gathering } from "./gathering.js";
import type { Openings } from "./openings.js";
import type { OutputPort } from "./outputPort.js";
import {
  NOTHING,
  type Opening,
  type Outcome,
  type Records,
  type ReduceContext,
  type Reduced,
} from "./rules/outcome.js";
import { type Reducible, reduce } from "./rules/reduce.js";
import { reduceServerCommand, type ServerCommand } from "./rules/serverCommands.js";
import { endedAttempts, finishesSteps } from "./rules/stepOutput.js";
import type { Submission } from "./rules/submission.js";
import type { StateSizes } from "./stateSizes.js";
import { isLive, type WorkflowRecord } from "./store/record.js";
import { LeaseGone, type Store, StoreConflict } from "./store/store.js";
import type { Telling } from "./untold.js";

export interface LineParts {
  readonly store: Store;
  readonly commits: Pick<Commits, "toldMs">;
  readonly clock: Clock;
  readonly sizes: StateSizes;
  readonly outputs: OutputPort;
  readonly openings: Openings;
  readonly clearing: Clearing;
  /** The records of this line's workflow as they are now. */
  readonly records: () => Records;
  /** Taken anew for every write: it holds the time. */
  readonly reduceContext: (opening: Opening) => ReduceContext;
  readonly mark?: Telling["mark"] | undefined;
  /** Nothing waits any more; the next command may come to a new line. */
  readonly onIdle: () => void;
}

/** Asked of the record that a command of the server's own would be about. */
export type StillSo = (record: WorkflowRecord) => boolean;

interface Answers {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (why: unknown) => void;
}

/** Changes the record, in one write with its neighbours. */
interface Changing extends Answers {
  readonly reduce: (records: Records, context: ReduceContext) => Reduced;
  /** The checks of a large command took their time: other lines get a turn before it is reduced. */
  readonly isLarge: boolean;
}

/** Ends the record, and shares its write with nobody. */
interface Ending extends Answers {
  readonly end: (records: Records) => Promise<Outcome>;
}

type Job = Changing | Ending;

const isEnding = (job: Job): job is Ending => "end" in job;

const isReducible = (submission: Submission): submission is Reducible =>
  submission.command.kind !== "clear";

const LARGE_BYTES = 64 * 1024;

/** One process alone has no conflicts; with several, each conflict means that another one got through, and the store sees to it that all do. */
const AT_ONCE = 16;
/** Beyond those tries there is a pause before each, so that nothing else has to wait for this. */
const PAUSE_MS = 5;
/** As long as a store is waited for. */
const MOST_MS = 10_000;

export class Line {
  readonly #parts: LineParts;
  #queue: Job[] = [];
  readonly #gathering: Gathering;
  #draining: Promise<void> | null = null;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#gathering = new Gathering(parts.clock);
  }

  /** Resolves once the command's effect is durable and announced; rejects if it was refused. */
  push(submission: Submission): Promise<Outcome> {
    if (!isReducible(submission))
      return this.#end((records) => this.#parts.clearing.clear(records, submission));
    return this.#change(
      (records, context) => this.#reduce(records, submission, context),
      submission.bytes > LARGE_BYTES,
    );
  }

  /** A command of the server's own. Nothing happens to a workflow that is over, or where `isStillSo` says no once the command's turn has come. */
  say(command: ServerCommand, isStillSo: StillSo = () => true): Promise<Outcome> {
    return this.#change(({ open }, context) => {
      const record = open && isStillSo(open) ? reduceServerCommand(open, command, context) : null;
      return { record: record ?? open, outcome: NOTHING };
    }, false);
  }

  /** As `Clearing.expire`. */
  expire(epoch: string): Promise<Outcome> {
    return this.#end((records) => this.#parts.clearing.expire(records, epoch).then(() => NOTHING));
  }

  /** As `Clearing.dropTrace`. */
  dropTrace(): Promise<Outcome> {
    return this.#end((records) => this.#parts.clearing.dropTrace(records).then(() => NOTHING));
  }

  /** Null once nothing is waiting. */
  get busy(): Promise<void> | null {
    return this.#draining;
  }

  #change(reduce: Changing["reduce"], isLarge: boolean): Promise<Outcome> {
    return new Promise((resolve, reject) => this.#add({ resolve, reject, reduce, isLarge }));
  }

  #end(end: Ending["end"]): Promise<Outcome> {
    return new Promise((resolve, reject) => this.#add({ resolve, reject, end }));
  }

  #add(job: Job): void {
    this.#queue.push(job);
    this.#gathering.see(this.#queue.length);
    this.#draining ??= this.#drain();
  }

  /** Commands that arrive during a write share the next one. */
  async #drain(): Promise<void> {
    // One turn is waited, so that commands that were read from the socket together are saved together.
    const hasLarge = this.#queue.some((job) => !isEnding(job) && job.isLarge);
    await (hasLarge ? setImmediate() : Promise.resolve());
    while (this.#queue.length > 0) {
      const end = this.#queue.findIndex(isEnding);
      if (end === 0) await this.#alone(this.#queue.shift() as Ending);
      else {
        const changing = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
        const toldMs = this.#parts.commits.toldMs;
        await this.#together(changing as Changing[]);
        if (this.#queue.length === 0) continue;
        const inFlight = this.#queue.length + changing.length;
        const pause = this.#gathering.pause(inFlight, this.#parts.commits.toldMs - toldMs);
        if (pause) await pause;
      }
    }
    // In the same turn as the last look at the queue: a command that comes later starts a new run.
    this.#draining = null;
    this.#parts.onIdle();
  }

  /** One write for all jobs. Nobody is answered before it: a refusal, too, may rest on what is being written. */
  async #together(waiting: readonly Changing[]): Promise<void> {
    let jobs = waiting;
    try {
      await this.#retryingConflicts(async (records) => {
        const { at } = this.#parts.store;
        const opening = this.#parts.openings.reserve(records.workflow_id, records.open);
        try {
          const context = this.#parts.reduceContext(opening);
          let reduced = reduceAll(jobs, records, context);
          const learning = this.#learn(records.open, reduced.record);
          // The bytes that a step printed on another node are counted in its state, too.
          if (learning && (await learning)) reduced = reduceAll(jobs, records, context);
          const { record, answers } = reduced;
          if (record && record !== records.open) await this.#save(record, records, at);
          for (const answer of answers) answer();
        } catch (error) {
          if (!(error instanceof LeaseGone)) throw error;
          jobs = [leaseGone(records), ...waiting];
          throw new StoreConflict(error.message);
        } finally {
          this.#parts.openings.giveBack(records.workflow_id);
        }
      });
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }

  /** Null where there is nothing to learn. */
  #learn(before: WorkflowRecord | null, after: WorkflowRecord | null): Promise<boolean> | null {
    const { outputs } = this.#parts;
    if (!outputs.learn || !isLive(after)) return null;
    const state = before?.state ?? null;
    if (!finishesSteps(state, after.state)) return null;
    return outputs.learn(after, endedAttempts(state, after.state));
  }

  async #save(
    record: WorkflowRecord,
    { open, damaged }: Records,
    at: number | undefined,
  ): Promise<void> {
    const { outputs, store } = this.#parts;
    // A watcher that hears that a step is done may rely on all the step printed.
    if (finishesSteps(open?.state ?? null, record.state)) await outputs.flush(record);
    const { output_epoch } = record;
    if (damaged && output_epoch !== undefined) await outputs.adopt(record, output_epoch);
    await store.commit(this.#parts.mark?.(open, record) ?? record, open, at);
  }

  #reduce(records: Records, submission: Reducible, context: ReduceContext): Reduced {
    const reduced = reduce(records, submission, context);
    // The size of a restored state was checked when it was first saved.
    if (submission.command.kind === "restore") return reduced;
    const { sizes } = this.#parts;
    sizes.check(records.open?.state ?? null, reduced.record?.state ?? null, submission);
    return reduced;
  }

  async #alone({ end, resolve, reject }: Ending): Promise<void> {
    try {
      await this.#retryingConflicts(async (records) => resolve(await end(records)));
    } catch (error) {
      reject(error);
    }
  }

  async #retryingConflicts(run: (records: Records) => Promise<void>): Promise<void> {
    const { clock, records } = this.#parts;
    const until = clock.elapsed() + MOST_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(records());
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        if (attempt < AT_ONCE) continue;
        if (clock.elapsed() >= until) {
          throw new SyncError("not_saved", "the workflow is being changed too often elsewhere", {
            cause: error,
          });
        }
        await pause(clock, PAUSE_MS);
      }
    }
  }
}

/** Before anything else: then the driver's own reports are refused. */
function leaseGone({ open }: Records): Changing {
  const command = { kind: "interrupt", reason: "driver_gone" } as const;
  return {
    isLarge: false,
    resolve: () => {},
    reject: () => {},
    reduce: ({ open: now }, context) => {
      const isSame = now?.lease != null && now.lease.token === open?.lease?.token;
      const record = isSame ? reduceServerCommand(now, command, context) : null;
      return { record: record ?? now, outcome: NOTHING };
    },
  };
}

/** Each job is reduced from what the one before it made; a refused one makes nothing. `answers` are to be given once the record is durable. */
function reduceAll(jobs: readonly Changing[], records: Records, context: ReduceContext) {
  const answers: (() => void)[] = [];
  let record = records.open;
  for (const { reduce, resolve, reject } of jobs) {
    try {
      const reduced = reduce({ ...records, open: record }, context);
      record = reduced.record;
      answers.push(() => resolve(reduced.outcome));
    } catch (refusal) {
      answers.push(() => reject(refusal));
    }
  }
  return { record, answers };
}
