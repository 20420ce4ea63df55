/** A step whose branches run at the same time: begins them in order, as many at once as may be, and ends once each of them has ended. */
import { setMaxListeners } from "node:events";
import type { Step, WorkflowState } from "../../../../shared/schema/workflow.js";
import { branchesOf, indexOfPlace, stepAtIndex } from "../../../../shared/state/stepPlace.js";
import { doneShare } from "../../../../shared/state/summary.js";
import { isFinished } from "../../../../shared/statuses.js";
import { definedAt } from "../../definition/definedSteps.js";
import type { DefinedStep } from "../../definition/definition.js";
import { beginning, nextAttempt } from "../pastAttempts.js";
import { type StepEnd, StepExecution, type StepParts } from "../stepExecution.js";
import { StepUpdates } from "../stepUpdates.js";
import { type BranchEnd, endOfBranches } from "./branchEnds.js";

/** The parts of a step that may have branches. */
export interface ParallelParts extends StepParts {
  /** Whether how a branch ended is still ours to say. */
  readonly isOurs: () => boolean;
}

/** The step at this index, whichever kind it is. */
export const stepExecution = (parts: ParallelParts, index: number): { run(): Promise<StepEnd> } =>
  definedAt(parts.definition, index).parallel
    ? new ParallelExecution(parts, index)
    : new StepExecution(parts, index);

/** So much more has to be done before it is said again. */
const TOLD_SHARE = 0.005;

class ParallelExecution {
  readonly #parts: ParallelParts;
  readonly #index: number;
  readonly #defined: DefinedStep;
  /** The ends of those branches that may have failed. */
  readonly #ends: BranchEnd[] = [];
  /** Aborted when the branches have to end although nobody asked the workflow to. */
  readonly #stop = new AbortController();
  #failure: { readonly error: unknown } | null = null;

  constructor(parts: ParallelParts, index: number) {
    this.#parts = parts;
    this.#index = index;
    this.#defined = definedAt(parts.definition, index);
  }

  /** Resolves with how it ended, which the caller reports; the ends of its branches are reported by then. Rejects as a step does, once nothing of it runs. */
  async run(): Promise<StepEnd> {
    const { reporter, clock, failed } = this.#parts;
    const known = this.#known;
    // One at work goes on under this server where an earlier one left it.
    if (known.status !== "in_progress")
      await reporter.step(this.#index, beginning(known, nextAttempt(known), this.#now()));
    const updates = new StepUpdates({
      clock,
      report: (update) => reporter.step(this.#index, update),
      failed,
      known,
    });
    const stopTelling = this.#tellShare(updates);
    try {
      await this.#runBranches();
    } finally {
      stopTelling();
    }
    const rest = await updates.end();
    const { status, error } = endOfBranches(this.#ends, this.#parts.signal.aborted);
    const finished_at = this.#now();
    switch (status) {
      case "failed":
        return { status, error, update: { ...rest, status, error, finished_at } };
      case "cancelled":
        return { status, error, update: { ...rest, status, finished_at } };
      case "completed":
        return { status, error, update: { ...rest, status, progress: 1, finished_at } };
    }
  }

  get #known(): Step {
    return stepAtIndex(this.#parts.reporter.state, this.#index)!;
  }

  async #runBranches(): Promise<void> {
    const left = this.#left()[Symbol.iterator]();
    const signal = AbortSignal.any([this.#parts.signal, this.#stop.signal]);
    // Every branch listens to it. Node would warn of a leak.
    setMaxListeners(0, signal);
    const parts = { ...this.#parts, signal };
    const oneAfterTheOther = async () => {
      for (const index of left) {
        if (signal.aborted) return;
        await this.#runBranch(index, parts).catch((error: unknown) => {
          this.#failure ??= { error };
          this.#stop.abort(error);
        });
      }
    };
    const { max = Number.POSITIVE_INFINITY, parallel = [] } = this.#defined;
    await Promise.all(Array.from({ length: Math.min(max, parallel.length) }, oneAfterTheOther));
    if (this.#failure) throw this.#failure.error;
  }

  /** The branches that have not ended yet, by their indexes; of those that did before a restart, how. */
  #left(): number[] {
    const left: number[] = [];
    for (const [branch, known] of branchesOf(this.#known).entries()) {
      const index = indexOfPlace({ step: this.#index, branch });
      const { status, error = null } = known;
      if (status === "failed") this.#ended(index, { status, error }, false);
      else if (!isFinished(known)) left.push(index);
    }
    return left;
  }

  async #runBranch(index: number, parts: ParallelParts): Promise<void> {
    const end = await new StepExecution(parts, index).run();
    if (!parts.isOurs()) return;
    const goesOn = this.#ended(index, end, parts.signal.aborted);
    await parts.reporter.step(index, goesOn ? { ...end.update, continued: true } : end.update);
  }

  /** True where it failed, and that is none of its step's failures. */
  #ended(
    index: number,
    { status, error }: Omit<BranchEnd, "name" | "goesOn" | "isStopped">,
    isStopped: boolean,
  ): boolean {
    const { title, action, continueOnError } = definedAt(this.#parts.definition, index);
    // A branch whose commands may still be running has failed, also where `continueOnError` would pass over it.
    const goesOn = status === "failed" && continueOnError && !isStopped;
    this.#ends.push({ name: title ?? action, status, error, isStopped, goesOn });
    if (status === "failed" && !goesOn && this.#defined.failFast)
      this.#stop.abort(new Error("another branch failed"));
    return goesOn;
  }

  /** How much of the branches is done, as they say it. */
  #tellShare(updates: StepUpdates): () => void {
    let told = 0;
    const tell = ({ steps }: WorkflowState) => {
      const share = doneShare(branchesOf(steps[this.#index]));
      if (Math.abs(share - told) < TOLD_SHARE) return;
      told = share;
      updates.progress(share);
    };
    tell(this.#parts.reporter.state);
    return this.#parts.reporter.watch(tell);
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}
