/** One workflow from its first open step to its end, wherever that is reported to. */
import type { Clock } from "../../shared/clock.js";
import type { FieldValues } from "../../shared/fields.js";
import type { StateMerge, Step } from "../../shared/workflow.js";
import type { WorkflowDefinition } from "./definition.js";
import type { OutputFiles } from "./outputs/outputFiles.js";
import type { SecretOutputs } from "./outputs/secretOutputs.js";
import { pauseFor } from "./pause.js";
import type { ProcessTools } from "./processGroup.js";
import { type Reporter, WorkflowLost } from "./reporter.js";
import type { RunStep } from "./runStep.js";
import { RunValues } from "./runValues.js";
import { maskedReporter } from "./secrets/maskedReporter.js";
import { type StepEnd, StepExecution } from "./stepExecution.js";

export type Place = Pick<RunStep, "workflow_id" | "index" | "attempt">;

export interface ExecutionOptions {
  readonly definition: WorkflowDefinition;
  readonly reporter: Reporter;
  /** Names this run among all. */
  readonly runId: string;
  /** The same for a workflow and all its retries: what a step left behind is found under it. */
  readonly firstId: string;
  /** Secrets in clear. */
  readonly inputs: FieldValues;
  /** What every command finds of the environment of whoever runs it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the server is reached; null where nobody knows. */
  readonly url: () => string | null;
  readonly stateDir: string | null;
  readonly tools: ProcessTools;
  readonly newId: () => string;
  /** Of an answer, what is not in the state. */
  secretsOf(question: string): FieldValues;
  /** Where its commands may write what they hand on. */
  readonly outputFiles: OutputFiles;
  readonly secretOutputs: SecretOutputs;
  /** Before anything runs in the group. Returns what to call when it is gone. */
  onGroup(group: number, place: Place, mark: string): () => void;
}

/** What every step of an execution is given. */
export interface ExecutionParts extends ExecutionOptions {
  readonly values: RunValues;
  readonly clock: Clock;
  /** Aborted when the steps have to stop, for whatever reason. */
  readonly signal: AbortSignal;
  readonly hurry: Promise<void>;
  readonly patienceMs: number;
  readonly tailBytes: number;
  /** A report that is not waited for did not get through. */
  readonly failed: (error: unknown) => void;
}

/** Why an execution stops: somebody asked for it, the workflow is not ours any more, or the process ends. */
export type StopReason = "cancel" | "lost" | "shutdown";

export interface ExecutionEnd {
  /** Null where the end was not ours to say. */
  readonly status: "completed" | "failed" | "cancelled" | null;
  readonly error: string | null;
}

/** What one step may keep of its output: all steps together must fit well into one state. */
const TAIL_BYTES = 4_096;
const ALL_TAILS_BYTES = 384 * 1024;
const PATIENCE_MS = 10_000;
/** Between SIGTERM and SIGKILL when the server stops: the end of its commands is still saved and told within five seconds. */
const SHUTDOWN_PATIENCE_MS = 3_500;

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #values: RunValues;
  readonly #stop = new AbortController();
  readonly #hurry: Promise<void>;
  #hurryUp = () => {};
  #cancelHurry: (() => void) | null = null;
  #stoppedFor: StopReason | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: ExecutionOptions) {
    this.#values = new RunValues(options);
    const reporter = maskedReporter(options.reporter, () => this.#values.redaction());
    this.#options = { ...options, reporter };
    this.#hurry = new Promise((resolve) => {
      this.#hurryUp = resolve;
    });
  }

  /** Nothing of it runs any more once `run` has resolved. The first reason counts, but for losing the workflow. */
  stop(why: StopReason): void {
    if (this.#stoppedFor === null || why === "lost") this.#stoppedFor = why;
    if (why === "shutdown") {
      const { clock } = this.#options.tools;
      this.#cancelHurry ??= clock.after(SHUTDOWN_PATIENCE_MS, () => this.#hurryUp());
    }
    this.#stop.abort(new Error(why));
  }

  /** SIGKILL at once, where it is already told to stop. */
  hurry(): void {
    this.#hurryUp();
  }

  /** Resolves once the end is durable, or is not ours to say. Rejects only for bugs and refusals for good. */
  async run(): Promise<ExecutionEnd> {
    try {
      const end = await this.#steps();
      return this.#isOurs ? end : { status: null, error: null };
    } catch (error) {
      if (error instanceof WorkflowLost || !this.#isOurs) return { status: null, error: null };
      throw this.#failure ? this.#failure.error : error;
    } finally {
      this.#cancelHurry?.();
    }
  }

  get #isOurs(): boolean {
    return this.#stoppedFor === null || this.#stoppedFor === "cancel";
  }

  async #steps(): Promise<ExecutionEnd> {
    const { definition, reporter, tools } = this.#options;
    const left = definition.steps
      .map((_step, index) => index)
      .filter((index) => !this.#isDone(index));
    for (const [place, index] of left.entries()) {
      const isFirst = place === 0;
      if (!isFirst) await pauseFor(tools.clock, definition.stepDelayMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return this.#end({ status: "cancelled" });
      const step = new StepExecution(this.#parts(), index);
      const end = await step.run();
      if (this.#failure) throw this.#failure.error;
      if (!this.#isOurs) return { status: null, error: null };
      const isLast = place === left.length - 1;
      const ending = this.#endingAfter(index, end, isLast);
      if (ending) return this.#end(ending, { index, update: end.update });
      await reporter.step(index, end.update);
    }
    return this.#end({ status: "completed" });
  }

  /** Null where the next step follows. */
  #endingAfter(index: number, end: StepEnd, isLast: boolean): Ending | null {
    const { title, action, whenFailed } = this.#options.definition.steps[index]!;
    if (end.status === "cancelled") return { status: "cancelled" };
    if (end.status === "failed" && (whenFailed === "stop" || this.#stop.signal.aborted)) {
      return { status: "failed", error_message: `${title ?? action}: ${end.error}` };
    }
    return isLast ? { status: "completed" } : null;
  }

  /** The step's end and the workflow's are one change: nobody sees the one without the other. */
  async #end(ending: Ending, step?: Parameters<Reporter["merge"]>[1]): Promise<ExecutionEnd> {
    await this.#options.reporter.merge(ending, step);
    const { status, error_message } = ending;
    return { status, error: error_message ? this.#values.redaction().text(error_message) : null };
  }

  #isDone(index: number): boolean {
    const { whenFailed } = this.#options.definition.steps[index]!;
    const { status }: Step = this.#options.reporter.state.steps[index]!;
    if (status === "failed") return whenFailed === "continue";
    return status === "completed" || status === "skipped";
  }

  #parts(): ExecutionParts {
    const { definition, tools } = this.#options;
    return {
      ...this.#options,
      values: this.#values,
      clock: tools.clock,
      signal: this.#stop.signal,
      hurry: this.#hurry,
      patienceMs: PATIENCE_MS,
      tailBytes: Math.min(TAIL_BYTES, Math.floor(ALL_TAILS_BYTES / definition.steps.length)),
      failed: (error) => {
        this.#failure ??= { error };
        this.stop("lost");
      },
    };
  }
}

type Ending = StateMerge & {
  readonly status: "completed" | "failed" | "cancelled";
  readonly error_message?: string;
};
