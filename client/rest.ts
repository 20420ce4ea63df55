/** The REST door as typed calls. */
import type { Position } from "../shared/messages.js";
import type { ListAnswer, SavedAnswer } from "../shared/rest.js";
import type { Progress } from "../shared/summary.js";
import type {
  StateInput,
  StateMerge,
  StepUpdate,
  WorkflowState,
  WorkflowStatus,
} from "../shared/workflow.js";

export interface Loaded extends Position {
  readonly state: WorkflowState;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** 10 s where missing. */
  readonly deadlineMs?: number | undefined;
}

export interface WriteOptions extends ReadOptions {
  readonly workflow_id?: string | undefined;
  /** Compare-and-set: the write is refused (`position_moved`) unless the document is exactly there; "any": unless it exists. */
  readonly expected?: Position | "any" | undefined;
  /** The fencing token of a driver with a lease. */
  readonly token?: number | undefined;
  /** Sent as Idempotency-Key: the same id again gives the first outcome. Made up where missing. */
  readonly requestId?: string | undefined;
}

export interface ListOptions extends ReadOptions {
  readonly status?: WorkflowStatus | readonly WorkflowStatus[] | undefined;
  readonly limit?: number | undefined;
  readonly before?: string | undefined;
}

/** Each call asks once: it rejects with SyncError where Instep refuses, with NoAnswerError where nothing of Instep answers. */
export interface RestClient {
  /** The current workflow without an id; null where there is none. */
  load(workflow_id?: string, options?: ReadOptions): Promise<Loaded | null>;
  save(state: StateInput, options?: WriteOptions): Promise<SavedAnswer>;
  merge(part: StateMerge, options?: WriteOptions): Promise<SavedAnswer>;
  reportStep(index: number, update: StepUpdate, options?: WriteOptions): Promise<SavedAnswer>;
  clear(workflow_id?: string, options?: Omit<WriteOptions, "workflow_id">): Promise<void>;
  summary(workflow_id?: string, options?: ReadOptions): Promise<Progress>;
  list(options?: ListOptions): Promise<ListAnswer>;
}
