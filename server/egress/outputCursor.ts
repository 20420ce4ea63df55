/** The place of one socket in one step's output, and the next thing it is to be told. */
import type { FollowLogMessage } from "../../shared/schema/clientMessages.js";
import { attemptAfter, isOver, newestAttempt } from "../output/attempts.js";
import type { OutputName, OutputStore } from "../output/outputStore.js";
import type { WorkflowEpoch } from "../output/owners.js";
import type { LiveRecord } from "../state/store/record.js";
import type { Wanted } from "./elsewhere.js";

/** The next thing to do for a cursor: find its start, read, tell that the output is over, move on to a newer attempt, or wait. */
export type NextStep =
  | { readonly do: "findStart"; readonly tail: number }
  | { readonly do: "read"; readonly from: number; readonly isOver: boolean }
  | { readonly do: "tellOver"; readonly next: number }
  | { readonly do: "moveOn"; readonly attempt: number }
  | { readonly do: "wait" };

export class OutputCursor {
  readonly owner: WorkflowEpoch;
  readonly step: number;
  /** The name its follower gave itself. */
  readonly follower: string | undefined;
  /** Null until the start of the asked tail is found. */
  position: number | null;
  /** False once it was replaced, taken back, or its workflow is gone. */
  isLive = true;
  readonly #tail: number;
  /** Without a named attempt newer ones follow as they begin. */
  readonly #isPinned: boolean;
  #attempt: number;
  #toldOverAt: number | null = null;
  /** At this end there was only a part of a character to read. */
  #heldAt: number | null = null;

  constructor(
    outputs: OutputStore,
    record: LiveRecord,
    message: FollowLogMessage,
    isPinned = message.attempt !== undefined,
  ) {
    const { workflow_id, epoch } = record;
    this.owner = { workflow_id, epoch };
    this.step = message.step;
    this.follower = message.follower;
    this.#isPinned = isPinned;
    this.#attempt = message.attempt ?? newestAttempt(outputs, record, message.step);
    this.#tail = message.tail ?? 0;
    // Beyond the end there is nothing to skip: the cursor goes on from there.
    const end = outputs.next(this.output);
    this.position = message.tail === undefined ? Math.min(message.from ?? 0, end) : null;
  }

  /** Where it is, and what it wants. */
  get wanted(): Wanted {
    const { output, follower, position: from } = this;
    return { ...output, follower, from, tail: this.#tail, isPinned: this.#isPinned };
  }

  get output(): OutputName {
    return { ...this.owner, step: this.step, attempt: this.#attempt };
  }

  next(outputs: OutputStore, record: LiveRecord): NextStep {
    if (this.position === null) return { do: "findStart", tail: this.#tail };
    const end = outputs.next(this.output);
    const over = isOver(outputs, record, this.step, this.#attempt);
    if (this.position < end && (over || this.#heldAt !== end))
      return { do: "read", from: this.position, isOver: over };
    if (!over) return { do: "wait" };
    if (this.#toldOverAt !== end) return { do: "tellOver", next: end };
    const newer = attemptAfter(outputs, record, this.step, this.#attempt);
    return newer === null || this.#isPinned ? { do: "wait" } : { do: "moveOn", attempt: newer };
  }

  /** The bytes at the end are no whole character. */
  holdAt(end: number): void {
    this.#heldAt = end;
  }

  toldOver(next: number): void {
    this.#toldOverAt = next;
  }

  moveOn(attempt: number): void {
    this.#attempt = attempt;
    this.position = 0;
    this.#toldOverAt = null;
    this.#heldAt = null;
  }
}
