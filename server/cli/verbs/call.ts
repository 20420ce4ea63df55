/** The call that a verb is given: the process it is called in, and where it puts the exit code. */
import type { CliContext } from "../process/context.js";

export interface Call {
  readonly context: CliContext;
  readonly ends: (code: number) => void;
}
