/** How a workflow is shown in a terminal: redrawn in place, as plain lines, or as JSON. `run` and `watch` share it. */

import type { BlockInfo, Queued, WorkflowState } from "../../../shared/schema/workflow.js";
import type { StepStatus, WorkflowStatus } from "../../../shared/statuses.js";
import { printable } from "../../../shared/text/printable.js";
import { shellWord } from "../../../shared/text/shellWord.js";
import { workflowToName } from "../connecting/nameToOthers.js";
import { calledAs } from "../printed/calledAs.js";
import type { CliContext } from "../process/context.js";
import { createJsonDisplay } from "./jsonDisplay.js";
import { createPlainDisplay } from "./plainDisplay.js";
import { createQuietDisplay } from "./quietDisplay.js";

/** The fields of a step that a display shows: a kept step fits, and so does one that only this process knows yet. */
export interface ShownStep {
  readonly action: string;
  readonly status: StepStatus;
  readonly title?: string | undefined;
  readonly attempt?: number | undefined;
  readonly started_at?: string | null | undefined;
  readonly first_started_at?: string | null | undefined;
  readonly attempts?: readonly { readonly started_at?: string | null | undefined }[] | undefined;
  readonly finished_at?: string | null | undefined;
  readonly progress?: number | null | undefined;
  readonly message?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly data?: unknown;
  readonly tasks?:
    | readonly { readonly name: string; readonly status?: string | undefined }[]
    | undefined;
  readonly when?: unknown;
  /** It failed, and the workflow went on. */
  readonly continued?: unknown;
  readonly skip_reason?: unknown;
  readonly completion_note?: string | null | undefined;
  /** It failed, and is tried again then. */
  readonly retry_at?: unknown;
}

export interface ShownWorkflow {
  readonly workflow_id: string;
  readonly status: WorkflowStatus;
  readonly steps: readonly ShownStep[];
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly error_message?: string | null | undefined;
  /** The question that it asks while it is blocked. */
  readonly block_info?: BlockInfo | null | undefined;
  /** It was started from this one, so the server can go on with it. */
  readonly definition?: string | undefined;
  readonly queued?: Partial<Pick<Queued, "since" | "behind" | "labels">> | undefined;
  readonly stop_requested?: unknown;
  readonly interruption?: WorkflowState["interruption"];
  /** How it will end, while it cleans up. */
  readonly ending?: unknown;
  /** Those who were told of it. */
  readonly hook_runs?: unknown;
  /** Another one of its group runs in its place. */
  readonly replaced_by?: string | undefined;
}

export interface Display {
  /** The whole of it, as often as it changes; what is new in it is found here. `node`: the server of a cluster that runs it. */
  show(workflow: ShownWorkflow, node?: string | null): void;
  /** A sentence beside it: the page's address, a lost link. The facts in it are for programs. */
  note(sentence: string, facts?: object): void;
  /** The last picture stays; nothing is written after this. */
  close(): void;
}

/** The command for a workflow that waits for somebody, to be pasted into another terminal. */
export type WayOn = (verb: "answer" | "resume", workflow_id: string) => string;

export interface DisplayOptions {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  /** Where the workflow is. */
  readonly server?: string | undefined;
}

export async function createDisplay(
  options: DisplayOptions,
  context: CliContext,
): Promise<Display> {
  if (options.json) return createJsonDisplay(context.stdout);
  const { server } = options;
  let program: string | undefined;
  const wayOn: WayOn = (verb, id) => {
    program ??= calledAs(context);
    const named = server === undefined ? id : workflowToName(server, id, context);
    return `${program} ${verb} ${shellWord(named)}`;
  };
  if (options.quiet) return safely(createQuietDisplay(context.stderr, wayOn));
  if (!canRedraw(context)) return safely(createPlainDisplay(context, wayOn));
  const { createLiveDisplay } = await import("./liveDisplay.js");
  return safely(createLiveDisplay(context, wayOn));
}

/** A workflow's id and names come from a server like everything else: control characters in them must not reach the terminal. */
const safely = (display: Display): Display => ({
  show: (workflow, node = null) =>
    display.show(
      {
        ...workflow,
        workflow_id: printable(workflow.workflow_id),
        status: printable(workflow.status) as ShownWorkflow["status"],
      },
      node === null ? null : printable(node),
    ),
  note: (sentence, facts) => display.note(printable(sentence, 2_000), facts),
  close: () => display.close(),
});

/** A terminal that cannot move its cursor shows lines, and so does one of which somebody keeps a log. */
const canRedraw = ({ stdout, env }: CliContext): boolean =>
  stdout.isTTY && env.TERM !== "dumb" && !env.CI;
