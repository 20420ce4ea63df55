/** The reports of one running step, gathered so that the newest wins and the last word comes last. */
import type { Clock } from "../../shared/clock.js";
import type { StepUpdate } from "../../shared/schema/workflow.js";
import { Timer } from "../wire/timer.js";

/** At most five reports a second. */
const REPORT_EVERY_MS = 200;
const MOST_TASKS = 200;
const LONGEST_TEXT = 10_000;

export interface StepReporterParts {
  readonly clock: Clock;
  /** Resolves once the server has it, or has refused what does not matter; rejects when there is no point in going on. */
  send(update: StepUpdate): Promise<void>;
  failed(error: unknown): void;
}

type Task = { name: string; status: string; note?: string };

export class StepReporter {
  readonly #parts: StepReporterParts;
  readonly #timer: Timer;
  readonly #tasks = new Map<string, Task>();
  #gathered: StepUpdate | null = null;
  #onItsWay: Promise<void> | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  constructor(parts: StepReporterParts) {
    this.#parts = parts;
    this.#timer = new Timer(parts.clock);
  }

  progress(fraction: number, message?: string): void {
    const update: StepUpdate = {};
    if (Number.isFinite(fraction)) update.progress = Math.min(1, Math.max(0, fraction));
    if (message !== undefined) update.message = shortened(message);
    this.add(update);
  }

  task(name: string, status: string, note?: string): void {
    if (!this.#tasks.has(name) && this.#tasks.size >= MOST_TASKS) return;
    this.#tasks.set(name, { name, status, ...(note !== undefined && { note: shortened(note) }) });
    this.add({ tasks: [...this.#tasks.values()] });
  }

  /** Nothing more is taken after `finish`: a late callback must not change a step that has ended. */
  add(update: StepUpdate): void {
    if (this.#isOver || Object.keys(update).length === 0) return;
    this.#gathered = { ...this.#gathered, ...update };
    this.#sendSoon();
  }

  /** Sends what was gathered and the last word, after all that is on its way. */
  async finish(lastWord: StepUpdate): Promise<StepUpdate> {
    this.stop();
    await this.#onItsWay;
    return { ...this.#gathered, ...lastWord };
  }

  stop(): void {
    this.#isOver = true;
    this.#timer.cancel();
  }

  /** One report is on its way at a time, so that they cannot overtake each other, and none piles up. */
  #sendSoon(): void {
    if (this.#isOver || this.#onItsWay || this.#timer.isSet || !this.#gathered) return;
    const wait = this.#sentAt + REPORT_EVERY_MS - this.#parts.clock.elapsed();
    if (wait > 0) return this.#timer.set(wait, () => this.#sendSoon());
    const update = this.#gathered;
    this.#gathered = null;
    this.#sentAt = this.#parts.clock.elapsed();
    this.#onItsWay = this.#parts
      .send(update)
      .catch((error: unknown) => this.#parts.failed(error))
      .then(() => {
        this.#onItsWay = null;
        this.#sendSoon();
      });
  }
}

export const shortened = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
