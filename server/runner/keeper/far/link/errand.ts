/** The things that a far shell is asked for: errands, which are sent until they are done, and news, which somebody waits for. */
import type { FarFrame } from "./answerReader.js";
import type { LinkFailure } from "./sshCommand.js";

/** Something that the far shell is told to do. Doing it twice has to be the same as doing it once. */
export interface Errand {
  /** Asked for anew whenever it is sent; null where nothing is to be done any more. */
  code(): string | null;
  hear?(frame: FarFrame): void;
}

export type ErrandEnd = "done" | "withdrawn" | LinkFailure;

export interface ErrandOptions {
  /** It ends where the machine refuses us, and is not kept for later. */
  readonly endsWhenRefused?: boolean;
  /** It ends with the first link that cannot be made, or breaks. */
  readonly endsWhenBroken?: boolean;
  readonly signal?: AbortSignal;
}

/** Somebody who waits for news of what runs there. */
export interface FarWatcher {
  readonly id: string;
  /** The words that ask for it; null where nothing is wanted now. */
  wanted(): string | null;
  hear(frame: FarFrame): void;
  /** All that there is was told just now. */
  heardAll?(): void;
}
