/** Reports of the server's own runner, to the authority beside it: with the lease's token, and again where the disk refused. */
import type { Clock } from "../../../shared/clock.js";
import { type ErrorCode, SyncError } from "../../../shared/errors.js";
import type { FieldValues } from "../../../shared/fields/fields.js";
import { pauseFor } from "../../../shared/pause.js";
import type { Command } from "../../../shared/schema/command.js";
import type { StateMerge, StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import type { OutputStore } from "../../output/outputStore.js";
import type { Commits } from "../../state/commits.js";
import { isLive, type LiveRecord } from "../../state/store/record.js";
import type { Store } from "../../state/store/store.js";
import type { Workflows } from "../../state/workflows.js";
import { LocalOutput } from "./localOutput.js";
import {
  isRefusal,
  type OutputSink,
  type PastOutput,
  type Reporter,
  stepOrLess,
  WorkflowLost,
} from "./reporter.js";
import type { ReportLease } from "./reportLease.js";

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const PAST_BYTES = 256 * 1024;
/** To a driver these mean that the workflow is somebody else's, or nobody's. */
const LOST: ReadonlySet<ErrorCode> = new Set([
  "stale_driver",
  "unknown_workflow",
  "already_ended",
  "shutting_down",
]);

export interface LocalReporterParts {
  readonly store: Store;
  readonly commits: Commits;
  readonly workflows: Workflows;
  readonly outputs: OutputStore;
  readonly clock: Clock;
  /** The record under our lease. */
  readonly record: LiveRecord;
  readonly lease: ReportLease;
  /** Aborted when nothing is to be said any more. */
  readonly over: AbortSignal;
  readonly outputLost: (error: unknown) => void;
}

export class LocalReporter implements Reporter {
  readonly workflow_id: string;
  readonly epoch: string;
  readonly #parts: LocalReporterParts;
  #record: LiveRecord;

  constructor(parts: LocalReporterParts) {
    this.#parts = parts;
    this.#record = parts.record;
    this.workflow_id = parts.record.workflow_id;
    this.epoch = parts.record.epoch;
  }

  get state(): WorkflowState {
    return this.#newest().state;
  }

  async step(index: number, update: StepUpdate): Promise<void> {
    const { workflow_id } = this;
    await stepOrLess(update, (said) =>
      this.#report({ kind: "step", workflow_id, index, update: said }),
    );
  }

  async merge(
    part: StateMerge,
    step?: { readonly index: number; readonly update: StepUpdate },
  ): Promise<void> {
    const { workflow_id } = this;
    // In one turn, so that they share one write and one frame.
    const reported = step && this.step(step.index, step.update);
    const merged = this.#report({ kind: "save", merge: true, workflow_id, state: part });
    await Promise.all([reported, merged]);
  }

  async answer(question: string, answer: FieldValues, by: string): Promise<boolean> {
    const { workflow_id } = this;
    try {
      await this.#report({ kind: "answer", workflow_id, answer, question, by });
      return true;
    } catch (error) {
      if (isRefusal(error, ["already_answered", "not_waiting"])) return false;
      throw error;
    }
  }

  async giveUp(index: number, question: string, update: StepUpdate): Promise<boolean> {
    for (;;) {
      const { state, epoch, revision } = this.#newest();
      if (state.status !== "blocked" || state.block_info?.id !== question) return false;
      const { workflow_id } = this;
      try {
        await this.#report({ kind: "step", workflow_id, index, update }, { epoch, revision });
        return true;
      } catch (error) {
        if (!isRefusal(error, ["position_moved"])) throw error;
      }
    }
  }

  async *past(step: number, attempt: number): AsyncGenerator<PastOutput> {
    const { outputs } = this.#parts;
    const { workflow_id, epoch } = this.#record;
    const name = { workflow_id, epoch, step, attempt };
    const end = outputs.next(name);
    for (let at = 0; at < end; ) {
      const { bytes, next, skipped } = await outputs.read(name, at, PAST_BYTES);
      if (next === at) return;
      yield { bytes, skipped };
      at = next;
    }
  }

  output(step: number, attempt: number): OutputSink {
    const { clock, outputs, over, outputLost } = this.#parts;
    const { workflow_id, epoch } = this.#record;
    const name = { workflow_id, epoch, step, attempt };
    return new LocalOutput({ clock, outputs, name, over, lost: outputLost });
  }

  watch(listener: (state: WorkflowState) => void): () => void {
    return this.#parts.commits.listen("runner", (change) => {
      if (change.kind !== "committed" || change.after.epoch !== this.#record.epoch) return;
      if (isLive(change.after)) listener(change.after.state);
    });
  }

  #newest(): LiveRecord {
    const found = this.#parts.store.open.get(this.workflow_id);
    if (isLive(found) && found.epoch === this.#record.epoch) this.#record = found;
    return this.#record;
  }

  async #report(
    command: Command,
    expected?: { readonly epoch: string; readonly revision: number },
  ): Promise<void> {
    const { workflows, clock, over, lease } = this.#parts;
    const bytes = Buffer.byteLength(JSON.stringify(command));
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(LONGEST_RETRY_MS, wait * 2)) {
      if (over.aborted) throw new WorkflowLost();
      const { token } = lease;
      try {
        await workflows.submit({ command, bytes, token, expected });
        return;
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        // A lease that we have again, or may have: never is a report taken under the one before.
        if (error.code === "stale_driver" && (await lease.isRegained(token))) continue;
        if (LOST.has(error.code)) throw new WorkflowLost(error.message, { cause: error });
        if (!error.canRetry) throw error;
        await pauseFor(clock, wait, over);
      }
    }
  }
}
