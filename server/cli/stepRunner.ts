/** The steps of a definition as handlers for `drive`: runs each command here and keeps the picture of it for the terminal. */
import path from "node:path";
import type { DriveResult, InstepClient, StepContext, StepHandler } from "../../client/index.js";
import { formatDuration } from "../duration.js";
import type { DefinedStep, WorkflowDefinition } from "../runner/definition.js";
import { createOutputReader } from "../runner/outputWords.js";
import { type ProcessEnd, runProcess } from "../runner/process.js";
import type { CliContext } from "./context.js";
import type { ShownStep, ShownWorkflow } from "./display.js";

export interface StepRunner {
  readonly handlers: Record<string, StepHandler>;
  started(workflow_id: string): void;
  ended(result: DriveResult): void;
}

/** What one step may keep of its output: all steps together must fit well into one state. */
const TAIL_BYTES = 4_096;
const ALL_TAILS_BYTES = 384 * 1024;

export interface StepRunnerParts {
  readonly client: Pick<InstepClient, "propose">;
  /** Where the definition lies: relative paths in it start there. */
  readonly folder: string;
  /** Told of every new picture. */
  changed(picture: ShownWorkflow): void;
}

export function createStepRunner(
  definition: WorkflowDefinition,
  { client, folder, changed }: StepRunnerParts,
  context: CliContext,
): StepRunner {
  const { name, title, steps } = definition;
  const tailBytes = Math.min(TAIL_BYTES, Math.floor(ALL_TAILS_BYTES / steps.length));
  const timeNow = () => new Date(context.clock.now()).toISOString();
  let picture: ShownWorkflow = {
    workflow_id: "",
    name,
    title,
    status: "running",
    steps: steps.map((step) => ({ action: step.action, title: step.title, status: "pending" })),
  };
  const show = (part: Partial<ShownWorkflow>) => {
    picture = { ...picture, ...part };
    changed(picture);
  };
  const showStep = (index: number, part: Partial<ShownStep>) =>
    show({ steps: picture.steps.map((step, at) => (at === index ? { ...step, ...part } : step)) });

  const runStep: StepHandler = async (step) => {
    const defined = steps[step.index]!;
    showStep(step.index, { status: "in_progress", started_at: timeNow(), attempt: step.attempt });
    const reader = createOutputReader(defined.progress, {
      marker: () => {},
      progress: (part) => step.progress(part),
      line: (line) => {
        step.message(line);
        showStep(step.index, { message: line });
      },
    });
    const end = await runProcess(
      {
        argv: defined.argv ?? [],
        cwd: path.resolve(folder, defined.cwd ?? "."),
        env: {
          ...withoutSecrets(context.env),
          // So that a command can name its own folder, or report its tasks with curl.
          INSTEP_WORKFLOW_ID: step.workflow_id,
          INSTEP_STEP: String(step.index),
          ...defined.env,
        },
        timeoutMs: defined.timeoutMs,
        signal: step.signal,
        onOutput: (bytes) => step.output(bytes),
        onText: (stream, text) => reader.add(stream, text),
      },
      context,
    );
    const data = {
      exit_code: end.exitCode,
      ...(end.endedBy === null ? {} : { signal: end.endedBy }),
      last_lines: end.tail.lines(tailBytes),
    };
    const why = step.signal.aborted ? "cancelled" : failure(end, defined);
    const status = why === null ? "completed" : step.signal.aborted ? "cancelled" : "failed";
    showStep(step.index, { status, finished_at: timeNow(), error: why, data });
    if (why === null) return data;
    if (!step.signal.aborted) await tellData(client, step, data);
    throw new Error(why);
  };

  return {
    // Steps may share an action; which one is meant, the index says.
    handlers: Object.fromEntries(steps.map(({ action }) => [action, runStep])),
    started: (workflow_id) => show({ workflow_id }),
    ended: ({ status, error }) => show({ status, error_message: error }),
  };
}

/**
 * A step that fails has no result to return, but how its command ended is what people then want to see. Whatever keeps this
 * report from being taken, the driver's own next report meets it as well and knows what to do.
 */
async function tellData(client: StepRunnerParts["client"], step: StepContext, data: object) {
  const { workflow_id, index, signal } = step;
  const options = { signal, deadlineMs: Number.POSITIVE_INFINITY };
  await client
    .propose({ kind: "step", workflow_id, index, update: { data } }, options)
    .catch(() => {});
}

/** Why a command did not succeed, in a few words; null when it did. */
function failure(end: ProcessEnd, step: DefinedStep): string | null {
  if (end.notStarted !== null) return `did not start: ${end.notStarted}`;
  if (end.timedOut) return `took longer than ${formatDuration(step.timeoutMs!)} and was stopped`;
  if (end.endedBy !== null) return `was ended by ${end.endedBy}`;
  return end.exitCode === 0 ? null : `exit code ${end.exitCode}`;
}

/** The token lets whoever has it drive every workflow: a step's command does not need that. */
function withoutSecrets(env: CliContext["env"]): CliContext["env"] {
  const { INSTEP_TOKEN: _, ...rest } = env;
  return rest;
}
