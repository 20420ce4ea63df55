/** Reports of a runner whose server is elsewhere: under a lease, said until they are answered, over every cut of the link. */

import { DrivenWorkflow } from "../../../client/drive/drivenWorkflow.js";
import { StepOutput } from "../../../client/drive/stepOutput.js";
import type { InstepClient } from "../../../client/live/client.js";
import { SyncError } from "../../../shared/errors.js";
import type { FieldValues } from "../../../shared/fields/fields.js";
import { Listeners } from "../../../shared/listeners.js";
import type { Command } from "../../../shared/schema/command.js";
import type {
  StateInput,
  StateMerge,
  StepUpdate,
  WorkflowState,
} from "../../../shared/schema/workflow.js";
import {
  isRefusal,
  type OutputSink,
  type Reporter,
  stepOrLess,
  WorkflowLost,
} from "../../runner/report/reporter.js";
import { mergedWith, RemoteState, withUpdate } from "./remoteState.js";

export interface RemoteReporterParts {
  readonly client: InstepClient;
  readonly workflow_id: string;
  /** Shown to watchers. */
  readonly driver: string;
  /** Aborted when the person here wants to end: what still has to be said then is said with a deadline. */
  readonly cancelled: AbortSignal;
  /** The workflow is somebody else's by now, or gone. */
  lost(why: unknown): void;
  /** Told of what is so here, also where the server could not be told yet. */
  seen(state: WorkflowState): void;
  /** Told once where the server keeps no output. */
  noOutput(): void;
}

export class RemoteReporter implements Reporter {
  readonly workflow_id: string;
  readonly #parts: RemoteReporterParts;
  readonly #driven: DrivenWorkflow;
  readonly #listeners = new Listeners<WorkflowState>();
  readonly #noOutput = new AbortController();
  readonly #known = new RemoteState();
  #lostFor: unknown = null;
  #stopWatching = () => {};

  constructor(parts: RemoteReporterParts) {
    this.#parts = parts;
    this.workflow_id = parts.workflow_id;
    this.#driven = new DrivenWorkflow({
      ...parts,
      lost: (why) => {
        this.#lostFor ??= why;
        parts.lost(why);
      },
      regained: () => void this.#sayAgain(),
    });
  }

  /** Saves the workflow's first state and takes its lease. Rejects where the server refuses. */
  async begin(state: StateInput): Promise<void> {
    const { client, workflow_id } = this.#parts;
    const whole = { ...state, workflow_id };
    await this.#driven.tell({ kind: "save", state: whole });
    await this.#driven.hold();
    const loaded = await client.rest.load(workflow_id);
    if (!loaded) throw new SyncError("unknown_workflow", `"${workflow_id}" was cleared`);
    this.#take(loaded.state, loaded.revision);
    this.#stopWatching = client.watch(workflow_id, ({ state: seen, position }) => {
      if (seen && position) this.#take(seen, position.revision);
    });
  }

  /** Gives the lease back. */
  async end(): Promise<void> {
    this.#stopWatching();
    await this.#driven.leave();
  }

  get state(): WorkflowState {
    return this.#known.state;
  }

  async step(index: number, update: StepUpdate): Promise<void> {
    const { workflow_id } = this;
    this.#known.say(index, update);
    this.#parts.seen(this.#known.here);
    await stepOrLess(update, (said) =>
      this.#tell({ kind: "step", workflow_id, index, update: said }, (state) =>
        withUpdate(state, index, said),
      ),
    );
    this.#known.said(index, update);
  }

  async merge(
    part: StateMerge,
    step?: { readonly index: number; readonly update: StepUpdate },
  ): Promise<void> {
    const { workflow_id } = this;
    if (step) await this.step(step.index, step.update);
    await this.#tell({ kind: "save", merge: true, workflow_id, state: part }, (state) =>
      mergedWith(state, part),
    );
  }

  async answer(question: string, answer: FieldValues, by: string): Promise<boolean> {
    const { workflow_id } = this;
    try {
      await this.#tell({ kind: "answer", workflow_id, answer, question, by });
      return true;
    } catch (error) {
      if (isRefusal(error, ["already_answered", "not_waiting"])) return false;
      throw error;
    }
  }

  async giveUp(index: number, question: string, update: StepUpdate): Promise<boolean> {
    const { client, workflow_id } = this.#parts;
    for (;;) {
      const found = await client.rest.load(workflow_id, { deadlineMs: Number.POSITIVE_INFINITY });
      if (found?.state.status !== "blocked" || found.state.block_info?.id !== question)
        return false;
      const { epoch, revision } = found;
      try {
        const command: Command = { kind: "step", workflow_id, index, update };
        await client.propose(command, { expected: { epoch, revision } });
        return true;
      } catch (error) {
        if (!isRefusal(error, ["position_moved"])) throw error;
      }
    }
  }

  output(index: number, attempt: number): OutputSink {
    const output = new StepOutput({
      clock: this.#parts.client.clock,
      signal: this.#parts.cancelled,
      append: async (bytes, at) => {
        const { signal } = this.#noOutput;
        const appended = await this.#driven.append(index, attempt, bytes, at, signal);
        if (!appended) this.#tellNoOutput();
        return appended;
      },
      failed: (error) => this.#parts.lost(error),
    });
    const begin = 0;
    return { begin, write: (bytes) => output.write(bytes), finish: () => output.finish() };
  }

  watch(listener: (state: WorkflowState) => void): () => void {
    return this.#listeners.listen(listener);
  }

  /** `own`: what the command makes of the state, until the server's own word of it comes. */
  async #tell(
    command: Command,
    own: (state: WorkflowState) => WorkflowState = (state) => state,
  ): Promise<void> {
    try {
      const { revision } = await this.#driven.tell(command);
      if (revision !== null && this.#known.accept(revision, own)) this.#changed();
    } catch (error) {
      const isGone = isRefusal(error, ["stale_driver", "unknown_workflow", "already_ended"]);
      if (!isGone && this.#lostFor === null) throw error;
      if (this.#lostFor === null) {
        this.#lostFor = error;
        this.#parts.lost(error);
      }
      throw new WorkflowLost("the workflow is somebody else's now", { cause: error });
    }
  }

  async #sayAgain(): Promise<void> {
    const { workflow_id } = this;
    for (const [index, update] of this.#known.saying) {
      // A failure here is left alone: whatever causes it, the next report meets it as well.
      await this.#tell({ kind: "step", workflow_id, index, update }).catch(() => {});
    }
  }

  #take(state: WorkflowState, revision: number): void {
    if (this.#known.hear(state, revision)) this.#changed();
  }

  #changed(): void {
    this.#listeners.tell(this.state);
    this.#parts.seen(this.#known.here);
  }

  #tellNoOutput(): void {
    if (this.#noOutput.signal.aborted) return;
    this.#noOutput.abort();
    this.#parts.noOutput();
  }
}
