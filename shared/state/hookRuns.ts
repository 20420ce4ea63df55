/** Reads from a state the commands that were told of its workflow's end, or of its questions. */
import type { WorkflowState } from "../schema/workflow.js";

export type HookKind = "end" | "blocked";

export interface HookRun {
  readonly kind: HookKind;
  /** The id of the question, where it was told of one. */
  readonly question?: string;
  /** How often it was begun: again where the server's end cut it short. */
  readonly attempt: number;
  readonly status: "running" | "completed" | "failed";
  readonly started_at: string;
  readonly finished_at?: string;
  readonly error?: string;
  readonly last_lines?: readonly string[];
}

/** Oldest first. */
export const hookRunsOf = ({
  hook_runs,
}: {
  readonly [key: string]: unknown;
}): readonly HookRun[] => (Array.isArray(hook_runs) ? (hook_runs as HookRun[]) : []);

/** The event that somebody has to be told of now; null where nothing happened. */
export function hookEvent(state: WorkflowState): Pick<HookRun, "kind" | "question"> | null {
  switch (state.status) {
    case "completed":
    case "failed":
    case "cancelled":
      return { kind: "end" };
    case "blocked": {
      const question = state.block_info?.id;
      return question === undefined ? null : { kind: "blocked", question };
    }
    case "running":
    case "interrupted":
      return null;
  }
}

export const isRunOf = (
  run: Pick<HookRun, "kind" | "question">,
  event: Pick<HookRun, "kind" | "question">,
): boolean => run.kind === event.kind && run.question === event.question;

/** That a state keeps. */
const MOST_RUNS = 10;

/** The state with this run in the place of the one before, or behind the others. */
export function withHookRun(state: WorkflowState, run: HookRun): WorkflowState {
  const others = hookRunsOf(state).filter((one) => !isRunOf(one, run));
  return { ...state, hook_runs: [...others, run].slice(-MOST_RUNS) };
}
