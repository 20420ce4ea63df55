/** One step while it is driven: its handler runs, and what it says is reported in order. */
import type { Clock } from "../../shared/clock.js";
import { SyncError } from "../../shared/errors.js";
import { pause } from "../../shared/pause.js";
import type { StepUpdate } from "../../shared/schema/workflow.js";
import { StepOutput } from "./stepOutput.js";
import { StepReporter, shortened } from "./stepReporter.js";

/** How long a step that was told to stop is waited for, before its end is reported without it. */
const STOP_GRACE_MS = 15_000;
/** How long the output of a step that was told to stop may take to arrive. */
const LAST_OUTPUT_MS = 10_000;

/** A returned value, if defined, becomes `step.data`; a throw fails the step and with it the workflow. */
export type StepHandler = (step: StepContext) => unknown | Promise<unknown>;

export interface StepContext {
  readonly index: number;
  readonly action: string;
  readonly workflow_id: string;
  readonly attempt: number;
  /** Aborted when the workflow is cancelled, or somebody else drives or cleared it. */
  readonly signal: AbortSignal;
  /** 0 to 1. Called as often as you like: reports are gathered, the newest wins. */
  progress(fraction: number, message?: string): void;
  message(text: string): void;
  /** Adds or updates a named part of the step. */
  task(name: string, status: string, note?: string): void;
  /** The step's completion note. */
  note(text: string): void;
  /**
   * Prints output, which is kept in order, as it comes, however long the server is away. Resolves when there is room for more: a
   * handler that prints a lot waits for that. Where the server keeps no output it is dropped.
   */
  output(printed: string | Uint8Array): Promise<void>;
}

export type HandlerResult = { readonly value: unknown } | { readonly error: unknown };

export interface DrivenStepParts {
  readonly clock: Clock;
  readonly handler: StepHandler;
  readonly serverNow: () => number;
  /** Aborted when the step has to stop, for whatever reason. */
  readonly signal: AbortSignal;
  readonly names: Pick<StepContext, "index" | "action" | "workflow_id" | "attempt">;
  /** Resolves once the server has it. */
  report(update: StepUpdate): Promise<void>;
  /** Resolves once the server has these bytes, which begin at offset `at`; null where it keeps none. */
  append(
    bytes: Uint8Array<ArrayBuffer>,
    at: number,
    signal: AbortSignal,
  ): Promise<{ readonly next: number } | null>;
  /** A report in the middle of the step was refused: there is no point in going on. */
  failed(why: unknown): void;
}

export class DrivenStep {
  readonly #parts: DrivenStepParts;
  readonly #reporter: StepReporter;
  readonly #output: StepOutput;
  readonly #noOutput = new AbortController();
  /** Server time: the report may come much later, over a link that was cut meanwhile. */
  #finishedAt = "";

  constructor(parts: DrivenStepParts) {
    this.#parts = parts;
    this.#reporter = new StepReporter({
      clock: parts.clock,
      send: (update) => trivial(parts.report(update)),
      failed: (error) => parts.failed(error),
    });
    this.#output = new StepOutput({
      clock: parts.clock,
      signal: parts.signal,
      append: (bytes, at) => parts.append(bytes, at, this.#noOutput.signal),
      failed: (error) => {
        if (!this.#noOutput.signal.aborted) parts.failed(error);
      },
    });
  }

  /** Nothing runs before the server knows of it: it may say that somebody else drives. */
  begin(): Promise<void> {
    // The words of an earlier attempt are not true of this one.
    const isAgain = this.#parts.names.attempt > 1;
    const afresh = isAgain ? { progress: null, message: null, error: null } : {};
    return this.#parts.report({ status: "in_progress", ...afresh });
  }

  /** The server took the step for interrupted, and it was not. */
  sayAgain(): void {
    this.#reporter.add({ status: "in_progress" });
  }

  /** Resolves with what became of the handler; one that has to stop has a while to do so. Never rejects. */
  async run(): Promise<HandlerResult> {
    const { clock, signal } = this.#parts;
    const over = new AbortController();
    const handled = this.#handle().finally(() => over.abort());
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
    });
    const gaveUp = stopped
      .then(() => pause(clock, STOP_GRACE_MS, over.signal))
      .then(() => ({ error: new Error("the step did not stop in time") }))
      // The handler was in time after all: its outcome has won already.
      .catch((error: unknown) => ({ error }));
    const outcome = await Promise.race([handled, gaveUp]);
    this.#finishedAt = new Date(this.#parts.serverNow()).toISOString();
    return outcome;
  }

  async end(outcome: HandlerResult): Promise<void> {
    await this.#output.finish();
    if ("error" in outcome) {
      const error = shortened(textOf(outcome.error));
      return this.#parts.report(await this.#finish({ status: "failed", error }));
    }
    const done = await this.#finish({ status: "completed" });
    if (outcome.value === undefined) return this.#parts.report(done);
    try {
      await this.#parts.report({ ...done, data: outcome.value });
    } catch (error) {
      // The step's work is done, and a result that cannot be kept must not undo it.
      if (!isAboutContent(error)) throw error;
      const completion_note = `The result was left out: ${textOf(error)}`;
      await this.#parts.report({ ...done, completion_note });
    }
  }

  async cancel(): Promise<void> {
    const cancelWait = this.#parts.clock.after(LAST_OUTPUT_MS, () => this.#noOutput.abort());
    await this.#output.finish();
    cancelWait();
    await this.#parts.report(await this.#finish({ status: "cancelled" }));
  }

  stop(): void {
    this.#noOutput.abort();
    this.#output.stop();
    this.#reporter.stop();
  }

  #finish(update: StepUpdate): Promise<StepUpdate> {
    return this.#reporter.finish({ ...update, finished_at: this.#finishedAt });
  }

  async #handle(): Promise<HandlerResult> {
    const { handler, signal, names } = this.#parts;
    const reporter = this.#reporter;
    try {
      const value = await handler({
        ...names,
        signal,
        progress: (fraction, message) => reporter.progress(fraction, message),
        message: (text) => reporter.add({ message: shortened(text) }),
        task: (name, status, note) => reporter.task(name, status, note),
        note: (text) => reporter.add({ completion_note: shortened(text) }),
        output: (printed) => this.#output.write(printed),
      });
      return { value };
    } catch (error) {
      return { error };
    }
  }
}

/** Progress that the server does not take (too large, not valid) is not worth a workflow. */
async function trivial(report: Promise<void>): Promise<void> {
  try {
    await report;
  } catch (error) {
    if (!isAboutContent(error)) throw error;
  }
}

const isAboutContent = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof SyncError && (error.code === "too_large" || error.code === "bad_message"));

export const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
