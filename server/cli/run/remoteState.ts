/** The state of a workflow as its driver elsewhere knows it: the newest from the server, the reports accepted since, and those on their way. Pure. */

import type { StepUpdate, WorkflowState } from "../../../shared/schema/workflow.js";
import { stepAtIndex, withStepAt } from "../../../shared/state/stepPlace.js";

type Change = (state: WorkflowState) => WorkflowState;

export class RemoteState {
  /** Null before the server's first word. */
  #heard: WorkflowState | null = null;
  #revision = 0;
  /** Our own, by their revisions: the answers to several reports come in any order. */
  #accepted: { readonly revision: number; readonly change: Change }[] = [];
  /** The report of each step that is at work, or on its way to its end: after a lost lease it has to be sent again. */
  readonly #saying = new Map<number, StepUpdate>();
  /** The state that was heard with what was accepted since; null where one of the two has changed. */
  #known: WorkflowState | null = null;

  /** The state as the server's answers make it. */
  get state(): WorkflowState {
    if (!this.#heard) throw new Error("the workflow has not begun");
    this.#known ??= this.#accepted.reduce((state, { change }) => change(state), this.#heard);
    return this.#known;
  }

  /** And what is so here, also where the server could not be told yet. */
  get here(): WorkflowState {
    return [...this.#saying].reduce(
      (state, [index, update]) => withUpdate(state, index, update),
      this.state,
    );
  }

  /** Each step that is at work, with all it said. */
  get saying(): readonly (readonly [index: number, update: StepUpdate])[] {
    return [...this.#saying];
  }

  /** False where that is old. */
  hear(state: WorkflowState, revision: number): boolean {
    if (revision < this.#revision) return false;
    this.#heard = state;
    this.#known = null;
    this.#revision = revision;
    this.#accepted = this.#accepted.filter((one) => one.revision > revision);
    return true;
  }

  /** Takes the change that an accepted command of ours made; false where the server's own state already has it. */
  accept(revision: number, change: Change): boolean {
    if (revision <= this.#revision) return false;
    this.#known = null;
    this.#accepted = [...this.#accepted, { revision, change }].sort(
      (one, other) => one.revision - other.revision,
    );
    return true;
  }

  say(index: number, update: StepUpdate): void {
    this.#saying.set(index, { ...this.#saying.get(index), ...update });
  }

  /** The server has heard it: of a step that has ended nothing has to be said again. */
  said(index: number, { status }: StepUpdate): void {
    if (status !== undefined && !AT_WORK.has(status)) this.#saying.delete(index);
  }
}

const AT_WORK: ReadonlySet<string> = new Set(["in_progress", "blocked"]);

export function withUpdate(state: WorkflowState, index: number, update: StepUpdate): WorkflowState {
  const step = stepAtIndex(state, index);
  if (!step) return state;
  return { ...state, steps: withStepAt(state.steps, index, mergedWith(step, update)) };
}

/** As the server merges: null takes a field away. */
export function mergedWith<T extends object>(before: T, part: object): T {
  const after = { ...before } as Record<string, unknown>;
  for (const [name, value] of Object.entries(part)) {
    if (value === null) delete after[name];
    else if (value !== undefined) after[name] = value;
  }
  return after as unknown as T;
}
