/** One workflow from its first open step to its end, wherever that is reported to. */

import { pauseFor } from "../../../shared/pause.js";
import type { Step, StepUpdate } from "../../../shared/schema/workflow.js";
import { type Ending, endingOf } from "../../../shared/state/cleanup.js";
import { eachDefined } from "../definition/definedSteps.js";
import { CommandLost } from "../keeper/leftAtWork.js";
import type { SecretOutputs } from "../kept/secretOutputs.js";
import { tooLong } from "../process/whyFailed.js";
import { maskedReporter } from "../report/maskedReporter.js";
import { type Reporter, WorkflowLost } from "../report/reporter.js";
import { Questions } from "../step/asking.js";
import type { CommandParts } from "../step/commandRun.js";
import { type ParallelParts, stepExecution } from "../step/parallel/parallelExecution.js";
import { withItsBranches } from "../step/parallel/unbegunBranches.js";
import { tailBytesOf } from "../step/reading/lastLines.js";
import { RunValues, type RunValuesParts } from "../step/runValues.js";
import { WorkCount } from "../step/workCount.js";
import { type AtWork, CLEANUP_MS } from "./atWork.js";
import { noteLivingOn } from "./livingOn.js";
import { type Course, causeOf, type End, failureOf, nextStep } from "./nextStep.js";
import { Stopping, type StopReason } from "./stopping.js";

/** Beside what its values are made of. */
export interface ExecutionOptions
  extends RunValuesParts,
    Omit<CommandParts, "tailBytes" | "atWork"> {
  readonly reporter: Reporter;
  readonly secretOutputs: SecretOutputs;
  readonly newId: () => string;
}

export interface ExecutionEnd {
  /** Null where the end was not ours to say. */
  readonly status: "completed" | "failed" | "cancelled" | null;
  readonly error: string | null;
}

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #values: RunValues;
  readonly #stopping: Stopping;
  readonly #questions: Questions;
  /** How it will end, once that is decided. */
  #ending: Ending | null = null;
  #failure: { readonly error: unknown } | null = null;
  readonly #atWork = new WorkCount();

  constructor(options: ExecutionOptions) {
    this.#values = new RunValues(options);
    const reporter = maskedReporter(options.reporter, () => this.#values.redaction());
    this.#options = { ...options, reporter };
    const { tools, newId, secretsOf } = options;
    this.#stopping = new Stopping(tools.clock);
    this.#questions = new Questions({
      ...{ clock: tools.clock, reporter, newId, secretsOf },
      waiting: (wait) => this.#stopping.waiting(wait),
    });
  }

  /** Nothing of it runs any more once `run` has resolved. The first reason counts, but for losing the workflow. After a cancel the steps that clean up still run. */
  stop(why: StopReason): void {
    this.#stopping.stop(why);
  }

  /** SIGKILL at once, where it is already told to stop, and no step that cleans up. */
  hurry(): void {
    this.#stopping.hurryOn();
  }

  /** Counts what it has at work. */
  get atWork(): Pick<WorkCount, "kept" | "others"> {
    return this.#atWork;
  }

  /** Nothing of it ends with this process, and nothing is being ended. */
  get mayBeLeft(): boolean {
    return this.#atWork.others === 0 && !this.#stopping.isEnding;
  }

  /** Leaves its commands to the next server, where they may be. */
  leave(): void {
    this.#stopping.leave();
  }

  /** Resolves once the end is durable, or is not ours to say. Rejects only for bugs and refusals for good. */
  async run(): Promise<ExecutionEnd> {
    try {
      await this.#values.readSecrets();
      const end = await this.#steps();
      return this.#stopping.isOurs ? end : NOT_OURS;
    } catch (error) {
      if (error instanceof WorkflowLost || !this.#stopping.isOurs) return NOT_OURS;
      if (error instanceof CommandLost) throw error;
      throw this.#failure ? this.#failure.error : error;
    } finally {
      this.#stopping.end();
    }
  }

  async #steps(): Promise<ExecutionEnd> {
    const { definition, reporter, tools } = this.#options;
    this.#stopping.takeUp(reporter.state, definition.timeoutMs);
    let pauseMs = 0;
    for (;;) {
      const next = nextStep(this.#course());
      if (next.do === "end") return this.#end(next.end);
      const { index, ending } = next;
      let update: StepUpdate;
      switch (next.do) {
        case "run": {
          if (this.#stopping.isClosing) return NOT_OURS;
          if (ending !== null) await this.#decide(ending);
          else if (pauseMs > 0) {
            await pauseFor(tools.clock, pauseMs, this.#stopping.signal);
            pauseMs = 0;
            continue;
          }
          update = await this.#run(index);
          pauseMs = definition.stepDelayMs;
          break;
        }
        case "skip":
          update = withItsBranches(reporter.state.steps[index]!, {
            status: "skipped",
            skip_reason: next.why,
            completion_note: next.note,
          });
          break;
        case "cancel": {
          const step = reporter.state.steps[index]!;
          const { finished_at } = step;
          update = withItsBranches(step, {
            status: "cancelled",
            ...(finished_at != null && { finished_at }),
          });
          break;
        }
      }
      if (this.#failure) throw this.#failure.error;
      if (!this.#stopping.isOurs) return NOT_OURS;
      const end = await this.#report(index, update);
      if (end) return end;
    }
  }

  #course(steps: readonly Step[] = this.#options.reporter.state.steps): Course {
    const { stops, ending } = this.#stopping;
    const defined = this.#options.definition.steps;
    return { defined, steps, ending: this.#ending ?? ending, stops };
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
    const atWork = this.#stopping.atWork(own);
    const end = await stepExecution(this.#parts(atWork.signal), index).run();
    this.#stopping.over(atWork);
    if (end.status === "cancelled") return this.#whyStopped(atWork, end.update);
    if (end.status !== "failed") return end.update;
    // A step whose commands may still be running has failed, also where `continueOnError` would pass over it.
    if (atWork.signal.aborted) {
      const left: Ending = { status: "failed", error_message: failureOf(own, end.error) };
      const { stops } = this.#stopping;
      this.#ending ??= stops.tookLongerThan === null ? left : causeOf(stops);
      return end.update;
    }
    return own.continueOnError ? { ...end.update, continued: true } : end.update;
  }

  #whyStopped(atWork: AtWork, update: StepUpdate): StepUpdate {
    if (atWork.isOverdue) return { ...update, status: "failed", error: tooLong(CLEANUP_MS) };
    const { tookLongerThan, cancel } = this.#stopping.stops;
    if (tookLongerThan === null || cancel) return update;
    return {
      ...update,
      completion_note: `Stopped: the workflow took longer than ${tookLongerThan}.`,
    };
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
    const { reporter, runId } = this.#options;
    if (end.status === "cancelled") await noteLivingOn(reporter, runId, step?.index);
    const decided = endingOf(reporter.state) === null ? {} : { ending: null };
    await reporter.merge({ ...end, ...decided }, step);
    const { status, error_message } = end;
    return { status, error: error_message ? this.#values.redaction().text(error_message) : null };
  }

  #parts(signal: AbortSignal): ParallelParts {
    const { definition, reporter, tools, outputFiles, secretOutputs, onGroup, keepers } =
      this.#options;
    const tailBytes = tailBytesOf(eachDefined(definition).length);
    return {
      ...{ definition, reporter, signal },
      values: this.#values,
      questions: this.#questions,
      commands: {
        ...{ tools, outputFiles, secretOutputs, tailBytes, onGroup, keepers },
        atWork: this.#atWork,
      },
      clock: tools.clock,
      hurry: this.#stopping.hurry,
      isOurs: () => this.#stopping.isOurs,
      failed: (error) => {
        this.#failure ??= { error };
        this.stop("lost");
      },
    };
  }
}

const NOT_OURS: ExecutionEnd = { status: null, error: null };
