/** What waits in one tab's port: bounded, so that a tab that stands still costs the others nothing. */
import type { Clock } from "../../shared/clock.js";
import { CloseCode } from "../../shared/closeCodes.js";
import { LIMITS } from "../../shared/limits.js";

/** Characters on their way to a tab beyond which changes are left out, and one snapshot takes their place once there is room. */
const SLOW_CHARACTERS = 256 * 1024;
/** Output goes only where less waits: whatever else comes up stands behind little of it. */
const OUTPUT_CHARACTERS = 64 * 1024;

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

  /** False where it has to wait, and was not sent. */
  output(text: string): boolean {
    if (this.#waiting > OUTPUT_CHARACTERS) return false;
    this.#post(text);
    return true;
  }

  get isSlow(): boolean {
    return this.#waiting > SLOW_CHARACTERS;
  }

  get hasRoomForOutput(): boolean {
    return this.#waiting <= OUTPUT_CHARACTERS / 2;
  }

  taken(characters: number): void {
    this.#takenAt = this.#clock.elapsed();
    this.#waiting = Math.max(0, this.#waiting - characters);
    // Taken in order: what is left may be all documents, never more of them than there is.
    this.#documents = Math.min(this.#documents, this.#waiting);
    if (!this.#isCutOff && !this.isSlow) this.#actions.room();
  }

  #isStuck(): boolean {
    return this.#waiting > 0 && this.#clock.elapsed() - this.#takenAt > LIMITS.unreadMs;
  }

  #cutOff(): void {
    if (this.#isCutOff) return;
    this.#isCutOff = true;
    this.#actions.cutOff(CloseCode.tooSlow);
  }

  #post(text: string): void {
    if (this.#isCutOff) return;
    if (this.#waiting === 0) this.#takenAt = this.#clock.elapsed();
    this.#waiting += text.length;
    this.#actions.post(text);
  }
}
