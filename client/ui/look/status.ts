/** The look of every status: one word, one tone of colour, one shape, for workflows and steps alike. */
import type { StepStatus, WorkflowState, WorkflowStatus } from "../../index.js";

/** Three are none of their own on the wire: `queued` runs as soon as it is its turn, `retrying` failed and is tried again, and of what is `unlinked` the machine is not reached. */
export type Status = WorkflowStatus | StepStatus | "queued" | "retrying" | "unlinked";

/** The names of the colour pairs in tokens.css. */
export type Tone =
  | "pending"
  | "running"
  | "blocked"
  | "completed"
  | "failed"
  | "cancelled"
  | "skipped"
  | "interrupted"
  | "retrying"
  | "unlinked";

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
  retrying: { tone: "retrying", word: "Tried again soon", character: "↻" },
  unlinked: { tone: "unlinked", word: "Link lost", character: "↯" },
};

/** How a workflow looks: one that waits for its turn does not run yet. */
export const shownStatus = ({
  status,
  queued,
}: Pick<WorkflowState, "status" | "queued">): Status =>
  queued !== undefined && status === "running" ? "queued" : status;

/** A newer server may know a status this page does not: shown by its own name rather than not at all. */
export function lookOf(status: string): StatusLook {
  return Object.hasOwn(LOOKS, status)
    ? LOOKS[status as Status]
    : { tone: "pending", word: status, character: "○" };
}
