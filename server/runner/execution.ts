/** One workflow from its first open step to its end, wherever that is reported to. */
import { type Ending, endingOf, type StepWhen } from "../../shared/cleanup.js";
import type { Clock } from "../../shared/clock.js";
import type { FieldValues } from "../../shared/fields.js";
import type { Step, StepUpdate, WorkflowState } from "../../shared/workflow.js";
import {
  type Course,
  causeOf,
  type End,
  failureOf,
  isStopped,
  nextStep,
  type Stops,
} from "./course/nextStep.js";
import type { WorkflowDefinition } from "./definition.js";
import type { OutputFiles } from "./outputs/outputFiles.js";
import type { SecretOutputs } from "./outputs/secretOutputs.js";
import { tailBytesOf } from "./outputTail.js";
import { pauseFor } from "./pause.js";
import type { ProcessTools } from "./processGroup.js";
import { type Reporter, WorkflowLost } from "./reporter.js";
import type { RunStep } from "./runStep.js";
import { RunValues } from "./runValues.js";
import { maskedReporter } from "./secrets/maskedReporter.js";
import { StepExecution } from "./stepExecution.js";

export type Place = Pick<RunStep, "workflow_id" | "index" | "attempt">;

export interface ExecutionOptions {
  readonly definition: WorkflowDefinition;
  readonly reporter: Reporter;
  /** Names this run among all. */
  readonly runId: string;
  /** The same for a workflow and all its retries: what a step left behind is found under it. */
  readonly firstId: string;
  /** As they were given, secrets in clear. */
  readonly inputs: FieldValues;
  /** Where the server's own secrets are looked for. */
  readonly secretEnv: Readonly<Record<string, string | undefined>>;
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
  /** Aborted when the step has to stop, for whatever reason. */
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

const PATIENCE_MS = 10_000;
/** Between SIGTERM and SIGKILL when the server stops: the end of its commands is still saved and told within five seconds. */
const SHUTDOWN_PATIENCE_MS = 3_500;

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #values: RunValues;
  /** Aborted by the first reason to stop, whichever: nobody pauses then. */
  readonly #stop = new AbortController();
  readonly #hurry: Promise<void>;
  #hurryUp = () => {};
  #cancelHurry: (() => void) | null = null;
  #stoppedFor: StopReason | null = null;
  #stops: Stops = { cancel: false, now: false, tookLongerThan: null };
  /** How it will end, once that is decided. */
  #ending: Ending | null = null;
  #atWork: AtWork | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: ExecutionOptions) {
    this.#values = new RunValues(options);
    const reporter = maskedReporter(options.reporter, () => this.#values.redaction());
    this.#options = { ...options, reporter };
    this.#hurry = new Promise((resolve) => {
      this.#hurryUp = resolve;
    });
  }

  /** Nothing of it runs any more once `run` has resolved. The first reason counts, but for losing the workflow. After a cancel the steps that clean up still run. */
  stop(why: StopReason): void {
    if (this.#stoppedFor === null || why === "lost") this.#stoppedFor = why;
    if (why === "shutdown") {
      const { clock } = this.#options.tools;
      this.#cancelHurry ??= clock.after(SHUTDOWN_PATIENCE_MS, () => this.#hurryUp());
    }
    if (why === "cancel") this.#stops = { ...this.#stops, cancel: true };
    this.#stopped(why);
  }

  /** SIGKILL at once, where it is already told to stop, and no step that cleans up. */
  hurry(): void {
    this.#stops = { ...this.#stops, now: this.#stops.cancel };
    this.#hurryUp();
    this.#stopped("cancel");
  }

  /** Resolves once the end is durable, or is not ours to say. Rejects only for bugs and refusals for good. */
  async run(): Promise<ExecutionEnd> {
    try {
      await this.#values.readSecrets();
      const end = await this.#steps();
      return this.#isOurs ? end : NOT_OURS;
    } catch (error) {
      if (error instanceof WorkflowLost || !this.#isOurs) return NOT_OURS;
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
    this.#takeUp(reporter.state);
    let pauseMs = 0;
    for (;;) {
      const next = nextStep(this.#course());
      if (next.do === "end") return this.#end(next.end);
      const { index, ending } = next;
      let update: StepUpdate;
      switch (next.do) {
        case "run": {
          if (ending !== null) await this.#decide(ending);
          else if (pauseMs > 0) {
            await pauseFor(tools.clock, pauseMs, this.#stop.signal);
            pauseMs = 0;
            continue;
          }
          update = await this.#run(index);
          pauseMs = definition.stepDelayMs;
          break;
        }
        case "skip":
          update = { status: "skipped", skip_reason: next.why, completion_note: next.note };
          break;
        case "cancel": {
          const { finished_at } = reporter.state.steps[index]!;
          update = { status: "cancelled", ...(finished_at != null && { finished_at }) };
          break;
        }
      }
      if (this.#failure) throw this.#failure.error;
      if (!this.#isOurs) return NOT_OURS;
      const end = await this.#report(index, update);
      if (end) return end;
    }
  }

  /** What an earlier process, or a stop while nobody ran it, has decided. */
  #takeUp({ stop_requested, ...state }: WorkflowState): void {
    this.#ending = endingOf(state);
    if (!stop_requested) return;
    this.stop("cancel");
    if (stop_requested.now) this.hurry();
  }

  #course(steps: readonly Step[] = this.#options.reporter.state.steps): Course {
    const { definition } = this.#options;
    return { defined: definition.steps, steps, ending: this.#ending, stops: this.#stops };
  }

  /** Durable before anything cleans up: whoever goes on after a crash must come to the same end. */
  async #decide(ending: Ending): Promise<void> {
    if (this.#isDecided(ending)) return;
    this.#ending = ending;
    await this.#options.reporter.merge({ ending });
  }

  #isDecided(ending: Ending | null): boolean {
    return ending === null || endingOf(this.#options.reporter.state) !== null;
  }

  async #run(index: number): Promise<StepUpdate> {
    const own = this.#options.definition.steps[index]!;
    const atWork = { when: own.when, stop: new AbortController() };
    this.#atWork = atWork;
    if (this.#stopsNow(atWork)) atWork.stop.abort(new Error("stopped"));
    const end = await new StepExecution(this.#parts(atWork.stop.signal), index).run();
    this.#atWork = null;
    if (end.status !== "failed") return end.update;
    // What may still be running is no failure to go on after.
    if (atWork.stop.signal.aborted) {
      const left: Ending = { status: "failed", error_message: failureOf(own, end.error) };
      this.#ending ??= this.#stops.tookLongerThan === null ? left : causeOf(this.#stops);
      return end.update;
    }
    return own.continueOnError ? { ...end.update, continued: true } : end.update;
  }

  /** Resolves with the end where this was the last of it. The step's end and the workflow's are one change: nobody sees the one without the other. */
  async #report(index: number, update: StepUpdate): Promise<ExecutionEnd | null> {
    const { reporter } = this.#options;
    const { steps } = reporter.state;
    const next = nextStep(this.#course(steps.with(index, { ...steps[index]!, ...update } as Step)));
    if (next.do === "end") return this.#end(next.end, { index, update });
    if (this.#isDecided(next.ending)) {
      await reporter.step(index, update);
    } else {
      this.#ending = next.ending;
      await reporter.merge({ ending: next.ending }, { index, update });
    }
    return null;
  }

  async #end(end: End, step?: Parameters<Reporter["merge"]>[1]): Promise<ExecutionEnd> {
    const { reporter } = this.#options;
    const decided = endingOf(reporter.state) === null ? {} : { ending: null };
    await reporter.merge({ ...end, ...decided }, step);
    const { status, error_message } = end;
    return { status, error: error_message ? this.#values.redaction().text(error_message) : null };
  }

  #stopped(why: StopReason): void {
    const { signal } = this.#stop;
    if (!signal.aborted) this.#stop.abort(new Error(why));
    const atWork = this.#atWork;
    if (!atWork) return;
    if (this.#stopsNow(atWork)) atWork.stop.abort(new Error(why));
    // One that cleans up already goes on, to the end that was asked for.
    else this.#ending ??= causeOf(this.#stops);
  }

  #stopsNow({ when }: AtWork): boolean {
    return !this.#isOurs || isStopped(when, this.#stops);
  }

  #parts(signal: AbortSignal): ExecutionParts {
    const { definition, tools } = this.#options;
    return {
      ...this.#options,
      values: this.#values,
      clock: tools.clock,
      signal,
      hurry: this.#hurry,
      patienceMs: PATIENCE_MS,
      tailBytes: tailBytesOf(definition.steps.length),
      failed: (error) => {
        this.#failure ??= { error };
        this.stop("lost");
      },
    };
  }
}

interface AtWork {
  readonly when: StepWhen;
  readonly stop: AbortController;
}

const NOT_OURS: ExecutionEnd = { status: null, error: null };
