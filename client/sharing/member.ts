/** One tab on a relay, from its "open" to its end: what it is sent goes through its outbox. */
import type { Clock } from "../../shared/clock.js";
import type { ServerMessage } from "../../shared/wire/serverMessages.js";
import { TabOutbox } from "./tabOutbox.js";

export interface MemberActions {
  post(text: string): void;
  closed(code: number): void;
  unfit(): void;
  /** There is room again for what was left out of this tab. */
  room(): void;
}

/** A tab may send so many frames in a second, as the server counts them; the socket they all share has twice that. */
const MOST_A_SECOND = 50;
const BURST = 200;
/** A frame counts as one for each of these it began. */
const FRAME_CHARACTERS = 16 * 1024;

export class Member {
  readonly outbox: TabOutbox;
  readonly #clock: Clock;
  readonly #actions: MemberActions;
  #isGone = false;
  isGreeted = false;
  /** Frames it may still send at once. */
  #credit = BURST;
  #creditAt: number;

  constructor(clock: Clock, actions: MemberActions) {
    this.#clock = clock;
    this.#actions = actions;
    this.#creditAt = clock.elapsed();
    this.outbox = new TabOutbox(clock, {
      post: (text) => this.#isGone || actions.post(text),
      cutOff: (code) => this.close(code),
      room: () => this.#isGone || actions.room(),
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  answer(frame: ServerMessage | string): void {
    this.outbox.answer(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** False where this tab sends more than its part. */
  pay(characters: number): boolean {
    const now = this.#clock.elapsed();
    const earned = ((now - this.#creditAt) / 1_000) * MOST_A_SECOND;
    this.#credit = Math.min(BURST, this.#credit + earned) - 1 - characters / FRAME_CHARACTERS;
    this.#creditAt = now;
    return this.#credit >= 0;
  }

  /** Its link is over, as its own socket's would be. */
  close(code: number): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#actions.closed(code);
  }

  /** It gets a socket of its own. */
  sendAway(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#actions.unfit();
  }

  /** By its own wish: nobody is told. */
  leave(): void {
    this.#isGone = true;
  }
}
