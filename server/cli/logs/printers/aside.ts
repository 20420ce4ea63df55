/** Words of our own between the lines that a command printed, in a terminal: they stand back, where it has colours. */

import { colorsFor } from "../../display/stepLine.js";
import type { CliContext } from "../../process/context.js";

const DIM = "\u001b[2m";
const RESET = "\u001b[0m";

export interface Aside {
  /** False where NO_COLOR or TERM=dumb says so: then nothing is written but text. */
  readonly hasColors: boolean;
  /** The text in the colour of an aside, whatever colour the line before left. */
  painted(text: string): string;
  /** The sequence that takes back a colour that the last line left. */
  readonly end: string;
}

export function createAside(context: Pick<CliContext, "stdout" | "env">): Aside {
  const hasColors = colorsFor(context).isColorSupported;
  return {
    hasColors,
    painted: (text) => (hasColors ? `${RESET}${DIM}${text}${RESET}` : text),
    end: hasColors ? RESET : "",
  };
}
