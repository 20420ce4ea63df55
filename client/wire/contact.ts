/**
 * Whether an Instep server has ever answered at this client's address. One that was there comes back, and is waited for as long as it takes.
 * Where none ever was, waiting helps nobody: after a while, or once something else answers there, that is said.
 */
import type { Clock } from "../../shared/clock.js";
import type { SyncError } from "../../shared/errors.js";
import type { NoAnswerError } from "./noAnswer.js";
import { Timer } from "./timer.js";

/** For how long a first answer is waited for. */
export const FIRST_CONTACT_MS = 8_000;
/** When HTTP is asked beside a socket of which nothing is heard. */
const ASK_AFTER_MS = 3_000;

export interface ContactParts {
  readonly clock: Clock;
  /** Asks over HTTP, with a deadline within the rest of the time. */
  ask(): void;
  /** For an address of which nothing at all was heard. */
  silence(): NoAnswerError;
  /** `problem` is another one now. Told each time that one was looked for in vain. */
  changed(problem: NoAnswerError | null): void;
}

export class Contact {
  readonly #parts: ContactParts;
  readonly #timer: Timer;
  #isMade = false;
  #missed: NoAnswerError | null = null;
  #problem: NoAnswerError | null = null;
  #refusal: SyncError | null = null;

  constructor(parts: ContactParts) {
    this.#parts = parts;
    this.#timer = new Timer(parts.clock);
  }

  /** Instep has answered here. That stays true. */
  get isMade(): boolean {
    return this.#isMade;
  }

  /** Why no Instep was found; null while one is looked for the first time, and from its first answer on. */
  get problem(): NoAnswerError | null {
    return this.#problem;
  }

  /** How Instep last turned this client away. */
  get refusal(): SyncError | null {
    return this.#refusal;
  }

  /** Somebody waits for an answer from now on. */
  seek(): void {
    if (this.#isMade || this.#timer.isSet) return;
    this.#missed = null;
    this.#timer.set(this.#problem ? 0 : ASK_AFTER_MS, () => {
      if (!this.#missed) this.#parts.ask();
      this.#timer.set(FIRST_CONTACT_MS - ASK_AFTER_MS, () =>
        this.#giveUp(this.#missed ?? this.#parts.silence()),
      );
    });
  }

  /** Nobody waits any more. */
  rest(): void {
    this.#timer.cancel();
    this.#show(null);
  }

  made(): void {
    this.#isMade = true;
    this.rest();
  }

  refused(refusal: SyncError): void {
    this.#refusal = refusal;
  }

  missed(error: NoAnswerError): void {
    if (this.#isMade) return;
    this.#missed = error;
    if (this.#timer.isSet) {
      if (!error.mayPass) this.#giveUp(error);
    } else if (this.#problem && this.#problem.message !== error.message) this.#show(error);
  }

  #giveUp(why: NoAnswerError): void {
    this.#timer.cancel();
    this.#problem = why;
    this.#parts.changed(why);
  }

  #show(problem: NoAnswerError | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#parts.changed(problem);
  }
}
