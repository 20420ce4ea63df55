/** What a screen reader is told, politely: gathered for a moment, so that a burst of changes makes one sentence. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Clock } from "../index.js";

const GATHER_MS = 400;

export interface Announcer {
  readonly text: ReadonlySignal<string>;
  say(text: string): void;
  stop(): void;
}

export function createAnnouncer(clock: Clock): Announcer {
  const text = signal("");
  let waiting: string[] = [];
  let cancel = () => {};
  return {
    text,
    say(sentence) {
      waiting.push(sentence);
      cancel();
      // Emptied first: the same sentence twice would otherwise be no change, and not be read.
      text.value = "";
      cancel = clock.after(GATHER_MS, () => {
        text.value = waiting.join(" ");
        waiting = [];
      });
    },
    stop: () => cancel(),
  };
}
