/** The seed's five functions, over REST: they work without any socket. */
import type { SavedAnswer } from "../shared/rest.js";
import type { StateInput, Step, StepStatus, WorkflowState } from "../shared/workflow.js";
import type { InstepClient } from "./client.js";

/** How found the workflow is, in the words of the banner. */
export type FoundKind = "running" | "interrupted" | "blocked" | "ended";

/** What a page needs to look as it did before the refresh. */
export interface Found {
  readonly workflow_id: string;
  readonly kind: FoundKind;
  readonly state: WorkflowState;
  /** One sentence for the banner. */
  readonly warning: string;
  /** What each step looks like, in order. */
  readonly steps: readonly StepLook[];
}

export interface StepLook {
  readonly index: number;
  readonly action: string;
  readonly title: string;
  readonly status: StepStatus;
  /** 0 to 1, where the step says so or is done. */
  readonly progress: number | null;
  readonly text: string | null;
  readonly isCurrent: boolean;
  readonly step: Step;
}

export interface RestoreHooks {
  onRestore(found: Found): void;
}

export interface InitHooks extends RestoreHooks {
  onNothing?(): void;
}

export function initWorkflow(client: InstepClient, hooks: InitHooks): Promise<Found | null> {
  throw new Error(`not built yet ${String([client, hooks])}`);
}

export function saveWorkflowState(client: InstepClient, state: StateInput): Promise<SavedAnswer> {
  throw new Error(`not built yet ${String([client, state])}`);
}

export function loadWorkflowState(
  client: InstepClient,
  workflow_id?: string,
): Promise<WorkflowState | null> {
  throw new Error(`not built yet ${String([client, workflow_id])}`);
}

export function restoreWorkflowState(state: WorkflowState, hooks?: RestoreHooks): Found {
  throw new Error(`not built yet ${String([state, hooks])}`);
}

export function clearWorkflowState(client: InstepClient, workflow_id?: string): Promise<void> {
  throw new Error(`not built yet ${String([client, workflow_id])}`);
}
