/** Keeps states within their limit without serializing each of them for every command. */
import { SyncError } from "../../shared/errors.js";
import { textBytes } from "../../shared/json/jsonBytes.js";
import type { Command } from "../../shared/schema/command.js";
import type { WorkflowState } from "../../shared/schema/workflow.js";
import { countSteps } from "../../shared/state/stepPlace.js";

/** At most this much the server adds to a state for one command: stamps, defaults, punctuation. */
const FRAME_BYTES = 512;
/** At most this much it adds to every step that a command says something of. */
const STEP_BYTES = 160;

export class StateSizes {
  readonly #limit: number;
  /** Never too low: a state is at most this long as JSON. */
  readonly #bounds = new WeakMap<WorkflowState, number>();
  /** The newest state of all, which is the next one's base where many commands are saved together; those between are never asked for again. */
  #newest: { readonly state: WorkflowState; readonly bound: number } | null = null;
  /** The exact sizes of parts, so that a state close to the limit costs what changed in it, too. */
  readonly #parts = new WeakMap<object, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws `too_large` if `after`, made from `before` by a command of `bytes`, is over the limit. */
  check(
    before: WorkflowState | null,
    after: WorkflowState | null,
    { command, bytes }: { readonly command: Command; readonly bytes: number },
  ): void {
    if (!after || after === before) return;
    const known = before ? this.#boundOf(before) : 0;
    let bound = known + bytes + FRAME_BYTES + STEP_BYTES * stepsIn(command, after);
    if (bound > this.#limit) bound = this.#sizeOf(after);
    if (bound > this.#limit) {
      throw new SyncError(
        "too_large",
        `the state would be ${bound} bytes; the limit is ${this.#limit}`,
      );
    }
    if (this.#newest && this.#newest.state !== before)
      this.#bounds.set(this.#newest.state, this.#newest.bound);
    this.#newest = { state: after, bound };
  }

  #boundOf(state: WorkflowState): number {
    if (this.#newest?.state === state) return this.#newest.bound;
    return this.#bounds.get(state) ?? this.#sizeOf(state);
  }

  /** The parts that states share are counted once. */
  #sizeOf({ steps, ...rest }: WorkflowState): number {
    let bytes = '{"steps":[]}'.length + Math.max(0, steps.length - 1);
    for (const step of steps) bytes += this.#partSize(step);
    for (const key of Object.keys(rest)) {
      const value = rest[key];
      if (value !== undefined) bytes += textBytes(key) + 2 + this.#partSize(value);
    }
    return bytes;
  }

  #partSize(part: unknown): number {
    if (typeof part !== "object" || part === null) return jsonBytes(part);
    let bytes = this.#parts.get(part);
    if (bytes === undefined) {
      bytes = jsonBytes(part);
      this.#parts.set(part, bytes);
    }
    return bytes;
  }
}

/** How many steps the server may add something to: for a report the one it is about, with the branches that are sent. */
function stepsIn(command: Command, after: WorkflowState): number {
  if (command.kind !== "step") return countSteps(after);
  return 1 + (command.update.steps?.length ?? 0);
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
