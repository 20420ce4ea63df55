/** Says beside the output that the node which keeps it is away: without a word it would look as if the command printed nothing. */
import type { LogAway } from "../../../client/index.js";
import { printable } from "../../../shared/text/printable.js";

export interface AwayNotes {
  /** The output of that step does not come for now. */
  away(index: number, away: LogAway): void;
  /** Some of it came again, or its end. */
  came(index: number): void;
}

/** Each absence of a node is said once, however many steps wait for it and however often the link breaks meanwhile. */
export function awayNotes(say: (sentence: string) => void): AwayNotes {
  /** By step: the node that it waits for. */
  const waiting = new Map<number, string>();
  return {
    away(index, away) {
      const isSaid = [...waiting.values()].includes(away.node);
      waiting.set(index, away.node);
      if (!isSaid) say(awayWords(away));
    },
    came: (index) => void waiting.delete(index),
  };
}

/** "The output is on node b, which is away since 09:41:07.", in local time. */
const awayWords = ({ node, since }: LogAway): string => {
  const clock = new Date(since).toTimeString().slice(0, "09:41:07".length);
  return `The output is on node ${printable(node, 80)}, which is away since ${clock}.`;
};
