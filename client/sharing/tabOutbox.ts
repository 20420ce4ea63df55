/** The messages that wait in one tab's port: bounded, so that a tab that stands still costs the others nothing. */
import type { Clock } from "../../shared/clock.js";
import { LIMITS } from "../../shared/limits.js";
import { CloseCode } from "../../shared/wire/closeCodes.js";

/** Characters on their way to a tab beyond which changes are left out, and one snapshot takes their place once there is room. */
const SLOW_CHARACTERS = 256 * 1024;
/** Output goes on its way only where less is: whatever else comes up overtakes what still waits for that. */
const OUTPUT_CHARACTERS = 64 * 1024;
/** Characters of output that may wait here; what comes then is not taken, and can be read again. */
const MOST_OUTPUT_CHARACTERS = 2 * 1024 * 1024;

export interface TabOutboxActions {
  post(text: string): void;
  /** The tab takes nothing any more: it is forgotten, and comes back when it can. */
  cutOff(code: number): void;
  /** There is room again for what was left out. */
  room(): void;
}

export class TabOutbox {
  readonly #clock: Clock;
  readonly #actions: TabOutboxActions;
  #waiting = 0;
  /** Of `#waiting`, what may be large by itself and says nothing of a tab that does not read. */
  #documents = 0;
  readonly #output: { readonly of: string; readonly text: string }[] = [];
  #outputCharacters = 0;
  #takenAt: number;
  #isCutOff = false;

  constructor(clock: Clock, actions: TabOutboxActions) {
    this.#clock = clock;
    this.#actions = actions;
    this.#takenAt = clock.elapsed();
  }

  /** An answer or a sign of life: never left out. A tab that lets them pile up is cut off. */
  answer(text: string): void {
    if (this.#isStuck()) return this.#cutOff();
    this.#post(text);
    if (this.#waiting - this.#documents > LIMITS.stuckBytes) this.#cutOff();
  }

  /** A change or a snapshot: sent where `isSlow` is false. */
  document(text: string): void {
    this.#documents += text.length;
    this.#post(text);
  }

  /** Sends a frame of one output (`of`), in order, when nothing else waits. False where there is no room for it: then it was not taken. */
  output(of: string, text: string): boolean {
    if (this.#outputCharacters > MOST_OUTPUT_CHARACTERS) return false;
    this.#output.push({ of, text });
    this.#outputCharacters += text.length;
    this.#sendOutput();
    return true;
  }

  /** A word about that output (it ended, its node is away), behind what still waits of it. */
  besideOutput(of: string, text: string): void {
    if (!this.#output.some((one) => one.of === of)) return this.answer(text);
    this.#output.push({ of, text });
    this.#outputCharacters += text.length;
  }

  /** Nobody wants any more of it. */
  forgetOutput(of: string): void {
    const kept = this.#output.filter((one) => one.of !== of);
    if (kept.length === this.#output.length) return;
    this.#output.splice(0, this.#output.length, ...kept);
    this.#outputCharacters = kept.reduce((sum, { text }) => sum + text.length, 0);
  }

  get isSlow(): boolean {
    return this.#waiting > SLOW_CHARACTERS;
  }

  get hasRoomForOutput(): boolean {
    return this.#outputCharacters <= MOST_OUTPUT_CHARACTERS / 4;
  }

  taken(characters: number): void {
    this.#takenAt = this.#clock.elapsed();
    this.#waiting = Math.max(0, this.#waiting - characters);
    // Taken in order: what is left may be all documents, never more of them than there is.
    this.#documents = Math.min(this.#documents, this.#waiting);
    if (this.#isCutOff) return;
    // News of a document goes before output, which can wait.
    if (!this.isSlow) this.#actions.room();
    this.#sendOutput();
  }

  #sendOutput(): void {
    while (this.#waiting <= OUTPUT_CHARACTERS) {
      const next = this.#output.shift();
      if (!next) return;
      this.#outputCharacters -= next.text.length;
      this.#post(next.text);
    }
  }

  #isStuck(): boolean {
    return this.#waiting > 0 && this.#clock.elapsed() - this.#takenAt > LIMITS.unreadMs;
  }

  #cutOff(): void {
    if (this.#isCutOff) return;
    this.#isCutOff = true;
    this.#output.length = 0;
    this.#actions.cutOff(CloseCode.tooSlow);
  }

  #post(text: string): void {
    if (this.#isCutOff) return;
    if (this.#waiting === 0) this.#takenAt = this.#clock.elapsed();
    this.#waiting += text.length;
    this.#actions.post(text);
  }
}
