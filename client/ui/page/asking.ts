/** The question that stands before whatever starts, ends or removes something: at most one is open, and only its answer acts. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ListState, Position, View } from "../../index.js";

/** A line of steps that share a fate: "Runs", "Kept", "Left out". */
export interface StepGroup {
  readonly heading: string;
  /** They run after the answer, and may ask somebody. */
  readonly isAhead?: boolean | undefined;
  readonly steps: readonly { readonly index: number; readonly name: string }[];
}

export interface QuestionText {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  /** The harmless way out; it has the focus. */
  readonly no: string;
  readonly isDanger?: boolean | undefined;
  /** The fate of each step. */
  readonly plan?: readonly StepGroup[] | undefined;
  /** The definition and the actions by which it is looked up which of the steps that run ask somebody. */
  readonly recipe?:
    | { readonly definition: string; readonly actions: readonly string[] }
    | undefined;
  /** Where somebody has answered it already. */
  readonly before?: { readonly text: string; readonly workflow_id: string } | undefined;
  /** A text that has to stay as it is for the answer to be about the same thing; the whole question where missing. */
  readonly basis?: string | undefined;
}

export interface Answered {
  /** The same for each press of one question: it takes effect once. */
  readonly requestId: string;
  /** Where the workflow was when it was answered. */
  readonly expected: Position | null;
  readonly list: ListState | null;
}

export interface Question {
  /** The workflow it is about: its changes are seen while the question stands. Null where it is about none. */
  readonly about: string | null;
  /** It is about other workflows too: it cannot be answered before they are known. */
  readonly readsList?: boolean | undefined;
  /** Null where there is nothing to ask any more. The list is null until it is known, and where it is not read. */
  textOf(view: View | null, list: ListState | null): QuestionText | null;
  /** Resolves with a sentence that says what went wrong, and the question stays open with it; null where all went well. */
  run(answered: Answered): Promise<string | null>;
}

export interface Asking {
  readonly open: ReadonlySignal<Question | null>;
  /** Nothing where another question is open. */
  ask(question: Question): void;
  close(): void;
}

export function createAsking(): Asking {
  const open = signal<Question | null>(null);
  return {
    open,
    ask(question) {
      open.value ??= question;
    },
    close() {
      open.value = null;
    },
  };
}
