/** One step from its first attempt to its last: asks where it has to, tries again where it may, and says how it ended. */
import type { Clock } from "../../../shared/clock.js";
import type { FieldValues } from "../../../shared/fields/fields.js";
import { pauseFor } from "../../../shared/pause.js";
import type { BlockInfo, Step, StepUpdate } from "../../../shared/schema/workflow.js";
import { outputsOf } from "../../../shared/state/stepOutputs.js";
import { placeOfIndex, stepAtIndex } from "../../../shared/state/stepPlace.js";
import { definedAt } from "../definition/definedSteps.js";
import type { DefinedStep, Question, WorkflowDefinition } from "../definition/definition.js";
import type { AskOptions } from "../definition/runStep.js";
import { stopManner } from "../definition/stopManner.js";
import { CommandLost, isLeft, LeftAtWork } from "../keeper/leftAtWork.js";
import { didNotStart } from "../process/whyFailed.js";
import { PlacedOutput } from "../report/placedOutput.js";
import type { Reporter } from "../report/reporter.js";
import { type AskedQuestion, NoAnswerInTime, type Questions } from "./asking.js";
import { Attempt, type AttemptEnd } from "./attempt.js";
import type { AttemptSinks } from "./attemptSinks.js";
import type { CommandParts } from "./commandRun.js";
import { HandingOn } from "./outputs/handingOn.js";
import { beginning, nextAttempt } from "./pastAttempts.js";
import { noIn, whetherToAsk } from "./questionFirst.js";
import type { RunValues } from "./runValues.js";
import { type StepEnd, stepEnd } from "./stepEnd.js";
import { StepKeeping } from "./stepKeeping.js";
import { StepUpdates } from "./stepUpdates.js";

export type { StepEnd };

/** The parts that every step of an execution is given. */
export interface StepParts {
  readonly definition: WorkflowDefinition;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly values: RunValues;
  readonly questions: Questions;
  readonly commands: CommandParts;
  /** Aborted when the step has to stop, for whatever reason. */
  readonly signal: AbortSignal;
  /** Resolves when nobody wants to wait for SIGTERM any longer. */
  readonly hurry: Promise<void>;
  /** A report that is not waited for did not get through. */
  readonly failed: (error: unknown) => void;
}

const LONGEST_BACKOFF_MS = 5 * 60_000;

export class StepExecution {
  readonly #parts: StepParts;
  readonly #index: number;
  readonly #defined: DefinedStep;
  readonly #values: RunValues;
  readonly #keeping: StepKeeping;

  constructor(parts: StepParts, index: number) {
    this.#parts = parts;
    this.#index = index;
    this.#defined = definedAt(parts.definition, index);
    this.#values = parts.values;
    this.#keeping = new StepKeeping(parts, index);
  }

  /** Resolves with how it ended, which the caller reports. Rejects with WorkflowLost, or the reason it was stopped for without a word. */
  async run(): Promise<StepEnd> {
    if (this.#known.status === "in_progress") return this.#goOn();
    const attempt = nextAttempt(this.#known);
    if (this.#defined.handler && this.#known.status === "blocked") {
      const unanswered = await this.#outlivedQuestion();
      return unanswered ?? this.#try(attempt + 1, 0);
    }
    return this.#try(attempt, 0);
  }

  /** Goes on under this server where an earlier one left the step: no attempt is added for that. */
  async #goOn(): Promise<StepEnd> {
    const known = this.#known;
    const { attempt = 1, retry_at } = known;
    const left = this.#keeping.left;
    const tried = left?.folder.job.tried ?? attempt - 1;
    if (retry_at != null) {
      await this.#pause(Date.parse(retry_at) - this.#parts.clock.now());
      return this.#isStopping ? this.#cancelledBetween() : this.#try(attempt + 1, tried + 1);
    }
    return this.#try(attempt, tried, "begun");
  }

  async #try(first: number, alreadyTried: number, begun?: "begun"): Promise<StepEnd> {
    let attempt = first;
    for (let tried = alreadyTried; ; tried++) {
      this.#keeping.prepare(attempt, tried);
      await this.#keeping.learnSecrets();
      if (attempt !== first || !begun) await this.#begin(attempt);
      const { end, rest } = await this.#attempt(attempt);
      const over = this.#over(end, rest);
      if (over.status !== "failed" || tried >= this.#defined.retries) return over;
      if (end.survivors.length > 0 || end.isFinal) return over;
      await this.#waitForRetry(over, tried);
      if (this.#isStopping) return this.#cancelledBetween();
      attempt += 1;
    }
  }

  get #known(): Step {
    return stepAtIndex(this.#parts.reporter.state, this.#index)!;
  }

  get #isStopping(): boolean {
    return this.#parts.signal.aborted;
  }

  /**
   * Waits for the answer to a question of a function that is not there any more: the function is called again once there
   * is an answer, and its question is answered at once. Null where the step may go on.
   */
  async #outlivedQuestion(): Promise<StepEnd | null> {
    const { block_info: asked } = this.#parts.reporter.state;
    try {
      if (asked) await this.#waitFor(asked);
      return null;
    } catch (error) {
      return this.#over(this.#endOf(error), {});
    }
  }

  #endOf(error: unknown): Ended {
    if (error instanceof LeftAtWork || error instanceof CommandLost) throw error;
    if (!(error instanceof NoAnswerInTime) && !this.#isStopping) throw error;
    const why = error instanceof NoAnswerInTime ? error.message : "cancelled";
    return { error: why, survivors: [], isFinal: true };
  }

  /** Resolves once everybody knows that the attempt runs: nothing runs before. */
  async #begin(attempt: number): Promise<void> {
    const known = this.#known;
    if (known.status === "blocked") return;
    await this.#parts.reporter.step(this.#index, beginning(known, attempt, this.#now()));
  }

  async #attempt(attempt: number): Promise<{ end: Ended; rest: StepUpdate }> {
    const { reporter, clock, failed } = this.#parts;
    const sink = reporter.output(this.#index, attempt);
    const output = new PlacedOutput(sink, clock, this.#keeping.isTaken ? 0 : sink.begin);
    const updates = new StepUpdates({
      clock,
      report: (update) => reporter.step(this.#index, update),
      failed,
      known: this.#known,
    });
    const sinks = { output, updates, handingOn: this.#handingOn(attempt, { output, updates }) };
    let end: Ended;
    try {
      end = await this.#work(attempt, sinks).catch((error: unknown) => this.#endOf(error));
      end = await sinks.handingOn.end(end);
    } finally {
      await output.finish();
    }
    return { end, rest: await updates.end() };
  }

  #handingOn(attempt: number, sinks: Omit<AttemptSinks, "handingOn">): HandingOn {
    const { outputFiles: files, secretOutputs: secrets } = this.#parts.commands;
    const known = this.#known;
    const { action } = known;
    const run = this.#values.runOf({ index: this.#index, attempt });
    return new HandingOn(
      { ...sinks, action, run, files, secrets, values: this.#values },
      known.status === "blocked" || this.#keeping.isTaken ? outputsOf(known.data) : {},
    );
  }

  async #work(attempt: number, sinks: AttemptSinks): Promise<Ended> {
    const { ask: question, argv, scriptFile, handler } = this.#defined;
    const { cwd, timeoutMs, progress } = this.#defined;
    const work = this.#attemptWith(attempt, sinks);
    const isAsked = question !== undefined && !this.#keeping.isTaken;
    const refusal = isAsked ? await this.#askFirst(question, work) : null;
    if (refusal) return refusal;
    if (handler) return work.handler(handler, timeoutMs);
    if (!argv) return { error: null, survivors: [] };
    const { problem } = this.#keeping;
    if (problem !== null) return { error: didNotStart(problem), survivors: [] };
    return work.command({
      kept: this.#keeping.held(this.#known),
      argv,
      scriptFile,
      progress,
      leaves: this.#defined.leaves === true,
      tty: this.#defined.tty === true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
  }

  /** Null where the step may go on. */
  async #askFirst(question: Question, work: Attempt): Promise<Ended | null> {
    const known = this.#known;
    let answer: FieldValues | null = known.answered ? this.#values.answerOf(known) : null;
    const { block_info: asked } = this.#parts.reporter.state;
    if (known.status === "blocked" && asked?.step === this.#index) {
      answer = await this.#waitFor(asked);
    } else if (answer === null) {
      const { isNeeded, prompt, end } = await whetherToAsk(question, this.#defined, work);
      if (end) return end;
      if (!isNeeded) return null;
      answer = await this.#ask({ ...question, prompt });
    }
    const no = noIn(question, answer);
    return no === null ? null : { error: no, survivors: [], isFinal: true };
  }

  #attemptWith(attempt: number, sinks: AttemptSinks): Attempt {
    const { definition, reporter, commands, signal, hurry } = this.#parts;
    const { action, env } = this.#defined;
    const name = { workflow_id: reporter.workflow_id, action, index: this.#index, attempt };
    return new Attempt({
      ...{ name, sinks, commands, signal, hurry },
      folder: definition.folder,
      stop: stopManner(this.#defined),
      given: () => this.#values.given(name, env),
      ask: (question) => this.#askHandler(question),
    });
  }

  /** An answer that came before a restart is not asked for again. */
  async #askHandler({ deadline, ...question }: AskOptions): Promise<FieldValues> {
    if (placeOfIndex(this.#index).branch !== null)
      throw new TypeError("a step of `parallel` cannot ask: ask in a step before it");
    const known = this.#known;
    if (known.answered?.prompt === question.prompt) return this.#values.answerOf(known);
    return this.#ask({ ...question, deadlineMs: deadline });
  }

  #ask(question: AskedQuestion): Promise<FieldValues> {
    return this.#parts.questions.ask(this.#index, question, this.#parts.signal);
  }

  #waitFor(asked: BlockInfo): Promise<FieldValues> {
    return this.#parts.questions.waitFor(this.#index, asked, this.#parts.signal);
  }

  #over(end: AttemptEnd, rest: StepUpdate): StepEnd {
    return stepEnd(end, rest, { isStopping: this.#isStopping, now: this.#now() });
  }

  async #waitForRetry({ update, error }: StepEnd, tried: number): Promise<void> {
    const { reporter, clock } = this.#parts;
    const ms = Math.min(LONGEST_BACKOFF_MS, this.#defined.backoffMs * 2 ** Math.min(tried, 20));
    const { status: _open, ...rest } = update;
    const retry_at = new Date(clock.now() + ms).toISOString();
    await reporter.step(this.#index, { ...rest, error, retry_at });
    await this.#pause(ms);
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal } = this.#parts;
    await pauseFor(clock, Math.min(LONGEST_BACKOFF_MS, Math.max(0, ms)), signal);
    if (isLeft(signal)) throw new LeftAtWork();
  }

  #cancelledBetween(): StepEnd {
    const update: StepUpdate = { status: "cancelled", retry_at: null, finished_at: this.#now() };
    return { status: "cancelled", error: null, update };
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}

interface Ended extends AttemptEnd {
  /** Another attempt would end the same. */
  readonly isFinal?: boolean;
}
