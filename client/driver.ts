/** Runs the steps of a workflow here, in a tab or in Node, and reports them. */
import type { InstepClient } from "./client.js";

export interface Definition {
  name?: string;
  title?: string;
  steps: readonly { action: string; title?: string }[];
}

/** A returned value, if defined, becomes `step.data`; a throw fails the step and with it the workflow. */
export type StepHandler = (step: StepContext) => unknown | Promise<unknown>;

export interface StepContext {
  readonly index: number;
  readonly action: string;
  readonly workflow_id: string;
  readonly attempt: number;
  /** Aborted when the workflow is cancelled, or somebody else drives or cleared it. */
  readonly signal: AbortSignal;
  /** 0 to 1. Called as often as you like: reports are gathered, the newest wins. */
  progress(fraction: number, message?: string): void;
  message(text: string): void;
  /** Adds or updates a named part of the step. */
  task(name: string, status: string, note?: string): void;
  /** The step's completion note. */
  note(text: string): void;
}

export interface DriveOptions {
  /** Made up where missing. */
  workflow_id?: string;
  /** Shown to watchers; "client" where missing. */
  driver?: string;
  /** More fields for the first save. */
  state?: object;
  /** Aborting cancels the workflow. */
  signal?: AbortSignal;
  /** Claims an existing workflow and goes on from its first step that is not done. Needs `workflow_id`. */
  resume?: boolean;
  onStart?: (started: { workflow_id: string; epoch: string; revision: number }) => void;
}

export interface DriveResult {
  workflow_id: string;
  status: "completed" | "failed" | "cancelled";
  error?: string;
}

/**
 * Resolves once the end of the workflow is durable. Rejects when the server refuses this driver: somebody else drives, or the
 * workflow was cleared; the running step's signal is aborted first.
 */
export function drive(
  client: InstepClient,
  definition: Definition,
  handlers: Record<string, StepHandler>,
  options: DriveOptions = {},
): Promise<DriveResult> {
  throw new Error(`not built yet ${String([client, definition, handlers, options])}`);
}
