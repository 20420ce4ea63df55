/** The outcome of a step's function: its result as JSON can hold it, or why it failed. */
import type { ErrorLine } from "../../../shared/schema/workflow.js";

/** The error that a function gets for a command that it ran. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly errorLine: ErrorLine | undefined;

  constructor(why: string, errorLine: ErrorLine | undefined) {
    super(why);
    this.errorLine = errorLine;
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A value that JSON cannot hold is not a step's result. */
export function asData(value: unknown): unknown {
  if (value === undefined) return undefined;
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
