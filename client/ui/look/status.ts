/** How every status looks: one word, one tone of colour, one shape, for workflows and steps alike. */
import type { StepStatus, WorkflowStatus } from "../../index.js";

/** `queued` is no status of its own on the wire: it runs as soon as it is its turn. */
export type Status = WorkflowStatus | StepStatus | "queued";

/** The names of the colour pairs in tokens.css. */
export type Tone =
  | "pending"
  | "running"
  | "blocked"
  | "completed"
  | "failed"
  | "cancelled"
  | "skipped"
  | "interrupted";

export interface StatusLook {
  readonly tone: Tone;
  readonly word: string;
  /** For places that take text only, such as the title of the window. */
  readonly character: string;
}

const LOOKS: Record<Status, StatusLook> = {
  pending: { tone: "pending", word: "Pending", character: "○" },
  running: { tone: "running", word: "Running", character: "▶" },
  queued: { tone: "pending", word: "Waiting for its turn", character: "○" },
  in_progress: { tone: "running", word: "Running", character: "▶" },
  blocked: { tone: "blocked", word: "Needs input", character: "?" },
  completed: { tone: "completed", word: "Completed", character: "✓" },
  failed: { tone: "failed", word: "Failed", character: "✕" },
  cancelled: { tone: "cancelled", word: "Cancelled", character: "■" },
  skipped: { tone: "skipped", word: "Skipped", character: "⊘" },
  interrupted: { tone: "interrupted", word: "Interrupted", character: "!" },
};

/** Of a workflow that goes on no more. */
export const isEnded = ({ status }: { readonly status: WorkflowStatus }): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

/** A newer server may know a status this page does not: shown by its own name rather than not at all. */
export function lookOf(status: string): StatusLook {
  return Object.hasOwn(LOOKS, status)
    ? LOOKS[status as Status]
    : { tone: "pending", word: status, character: "○" };
}
