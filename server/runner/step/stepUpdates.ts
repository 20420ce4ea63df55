/** Gathers the changes of a step while it runs, bounds them, and reports them a few times a second. */
import type { Clock } from "../../../shared/clock.js";
import type { Step, StepUpdate, Task } from "../../../shared/schema/workflow.js";
import type { StepOutputs } from "../../../shared/state/stepOutputs.js";
import type { StepProcess } from "../../../shared/state/stepProcess.js";
import type { StepStatus } from "../../../shared/statuses.js";
import { printable } from "../../../shared/text/printable.js";

const GATHER_MS = 250;
const MOST_TASKS = 200;
export const MOST_NOTES = 20;
const NAME_CHARACTERS = 200;

export interface StepUpdatesParts {
  readonly clock: Clock;
  /** Resolves once it is durable. */
  report(update: StepUpdate): Promise<void>;
  failed(error: unknown): void;
  /** Said of the step already. */
  readonly known?: Pick<Step, "notes" | "tasks"> | undefined;
}

export class StepUpdates {
  readonly #parts: StepUpdatesParts;
  readonly #tasks = new Map<string, Task>();
  #notes: readonly { readonly text: string }[];
  /** The message that it set last on purpose. */
  #said: string | null = null;
  /** The message is only what was printed last. */
  #isPrinted = false;
  #pending: StepUpdate = {};
  /** They are worked out when they are reported, however often they change. */
  #outputs: (() => StepOutputs) | null = null;
  #process: StepProcess | null = null;
  #isDataNew = false;
  #cancelTimer: (() => void) | null = null;
  #onItsWay: Promise<void> | null = null;
  #isOver = false;

  constructor(parts: StepUpdatesParts) {
    this.#parts = parts;
    const { notes = [], tasks = [] } = parts.known ?? {};
    this.#notes = notes.map((text) => ({ text }));
    for (const task of tasks) this.#tasks.set(task.name, task);
  }

  /** 0 to 1. */
  progress(part: number, message?: string): void {
    const progress = Math.min(1, Math.max(0, part));
    if (Number.isNaN(progress)) return;
    this.#change({ progress, ...(message ? this.#saying(printable(message)) : {}) });
  }

  message(text: string): void {
    this.#change(this.#saying(printable(text)));
  }

  /** The newest line of its output: its message until it says something on purpose, or ends. */
  printed(line: string): void {
    this.#isPrinted = true;
    this.#change({ message: printable(line), message_from: "output" });
  }

  note(text: string): void {
    this.changingNote()(text);
  }

  /**
   * A note that changes: what it returns says what it says from now on; null takes it away. It is the one that is there already and has this
   * beginning, where an earlier server left one.
   */
  changingNote(beginning?: string): (text: string | null) => void {
    let own =
      beginning === undefined
        ? undefined
        : this.#notes.findLast(({ text }) => text.startsWith(beginning));
    return (text) => {
      if (text === (own?.text ?? null)) return;
      const others = this.#notes.filter((note) => note !== own);
      own = text === null ? undefined : { text: printable(text) };
      this.#notes = own === undefined ? others : [...others, own].slice(-MOST_NOTES);
      this.#change({ notes: this.#notes.map((note) => note.text) });
    };
  }

  /** The outputs it has by now. */
  outputs(outputs: () => StepOutputs): void {
    this.#outputs = outputs;
    this.#isDataNew = true;
    this.#change({});
  }

  /** Where its command runs. */
  get process(): StepProcess | null {
    return this.#process;
  }

  set process(process: StepProcess | null) {
    this.#process = process;
    this.#isDataNew = true;
    this.#change({});
  }

  /** The same name again changes that task; of too many, the newest are left out. */
  task(name: string, status: StepStatus, note?: string): void {
    const known = printable(name, NAME_CHARACTERS);
    if (!this.#tasks.has(known) && this.#tasks.size >= MOST_TASKS) return;
    this.#tasks.set(known, {
      name: known,
      status,
      ...(note === undefined ? {} : { note: printable(note) }),
    });
    this.#change({ tasks: [...this.#tasks.values()] });
  }

  /** The changes that were not reported yet, for the report of the end; nothing is reported by itself any more. */
  async end(): Promise<StepUpdate> {
    this.#isOver = true;
    this.#cancelTimer?.();
    await this.#onItsWay;
    const rest = this.#taken();
    return this.#isPrinted ? { ...rest, message: this.#said, message_from: null } : rest;
  }

  #saying(message: string): StepUpdate {
    const wasPrinted = this.#isPrinted;
    this.#said = message;
    this.#isPrinted = false;
    return { message, ...(wasPrinted && { message_from: null }) };
  }

  #change(update: StepUpdate): void {
    this.#pending = { ...this.#pending, ...update };
    if (this.#isOver || this.#onItsWay) return;
    this.#cancelTimer ??= this.#parts.clock.after(GATHER_MS, () => {
      this.#cancelTimer = null;
      this.#send();
    });
  }

  #send(): void {
    this.#onItsWay = this.#parts
      .report(this.#taken())
      .catch((error: unknown) => this.#parts.failed(error))
      .then(() => {
        this.#onItsWay = null;
        if (this.#isDataNew || Object.keys(this.#pending).length > 0) this.#change({});
      });
  }

  #taken(): StepUpdate {
    const data = {
      ...(this.#process && { process: this.#process }),
      ...(this.#outputs && { outputs: this.#outputs() }),
    };
    const update = { ...this.#pending, ...(this.#isDataNew && { data }) };
    this.#pending = {};
    this.#isDataNew = false;
    return update;
  }
}
