/** Tells a screen reader of changes: they are gathered for a moment, so that a burst of them makes one sentence. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Clock } from "../../index.js";

const GATHER_MS = 400;

export interface Announcer {
  /** Waits until the reader has finished what it reads. */
  readonly text: ReadonlySignal<string>;
  /** Breaks in. */
  readonly warning: ReadonlySignal<string>;
  say(sentence: string): void;
  /** Only for what somebody has to know now: it failed, it needs input, the link is gone for long. */
  warn(sentence: string): void;
  stop(): void;
}

export function createAnnouncer(clock: Clock): Announcer {
  const polite = createVoice(clock);
  const urgent = createVoice(clock);
  return {
    text: polite.text,
    warning: urgent.text,
    say: polite.say,
    warn: urgent.say,
    stop() {
      polite.stop();
      urgent.stop();
    },
  };
}

function createVoice(clock: Clock) {
  const text = signal("");
  let waiting: string[] = [];
  let cancel = () => {};
  return {
    text,
    say(sentence: string) {
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
