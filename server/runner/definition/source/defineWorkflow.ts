/** A definition in code, for programs that embed Instep: functions in place of commands. */

import * as z from "zod";
import type { Fields } from "../../../../shared/fields/fields.js";
import { LIMITS } from "../../../../shared/limits.js";
import { issueWords } from "../../../../shared/schema/issueWords.js";
import {
  ON_RESTART,
  type OnRestart,
  STEP_WHEN,
  type StepWhen,
  WHEN_BUSY,
  type WhenBusy,
} from "../../../../shared/statuses.js";
import { FieldsSchema } from "../../../fields/fieldSchema.js";
import type { DefinedStep, WorkflowDefinition } from "../definition.js";
import { DEFAULT_BACKOFF_MS } from "../definition.js";
import { NodeFile, nodeLabelsOf } from "../file/nodeFile.js";
import { repeatedActions, repeatedWords } from "../file/sameActions.js";
import type { StepHandler } from "../runStep.js";
import {
  GIVEN_STOP_SIGNALS,
  type GivenStopSignal,
  NO_STOP_SIGNAL,
  stopSignalOf,
} from "../stopManner.js";

/** Times in ms. */
export interface CodeDefinition {
  /** The name it is started by. */
  readonly name: string;
  /** Shown to people. @default the name */
  readonly title?: string;
  /** Shown where it is started. */
  readonly description?: string;
  /** The fields that are asked for at the start. @default none */
  readonly inputs?: Fields;
  /** For what `step.run` starts. Values are taken as they are. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** After the server's end interrupted a workflow, somebody decides, or it goes on by itself where the step is idempotent. @default `"ask"` */
  readonly onRestart?: OnRestart;
  /** Between two steps, in ms. @default 0 */
  readonly stepDelay?: number;
  /** For all its steps together, in ms, without waiting for answers or for its turn: then it is stopped, and has failed. @default none */
  readonly timeout?: number;
  /** How many of its workflows run at once; those of a group, which may be of several definitions, together. @default any number */
  readonly concurrency?: CodeConcurrency;
  /** Only a server of a cluster that has all of these labels runs it; a server alone does not look at them. @default any server */
  readonly node?: string | readonly string[];
  /** One after the other. */
  readonly steps: readonly CodeStep[];
}

export interface CodeConcurrency {
  /** `$INPUT_HOST` in it is what was given. @default the name */
  readonly group?: string;
  /** How many run at once. @default 1 */
  readonly limit?: number;
  /** A workflow that comes too early waits, is refused, or has those that run cancelled. @default `"wait"` */
  readonly whenBusy?: WhenBusy;
}

export interface CodeStep {
  /** The step's name. */
  readonly action: string;
  /** Shown to people. @default the action */
  readonly title?: string;
  /** The step's function: `step` has `inputs`, `progress`, `output`, `ask`, `run` and more. Each step has it, or `parallel`. @default none */
  readonly run?: StepHandler;
  /** Its steps, which run at the same time, in place of `run`. @default none */
  readonly parallel?: readonly CodeStep[];
  /** Of `parallel`: so many at once. @default all */
  readonly max?: number;
  /** Of `parallel`: the first that fails ends the others. @default false */
  readonly failFast?: boolean;
  /** After so many ms it is stopped, and has failed. @default none */
  readonly timeout?: number;
  /** The signal that tells its commands to end. @default `"SIGTERM"` */
  readonly stopSignal?: GivenStopSignal;
  /** Between that and SIGKILL, in ms; so long the function has, too. @default 10,000 */
  readonly stopTimeout?: number;
  /** A function ends with the process, and so do the commands that it starts: `true` is refused. Only a recipe's commands outlive the server. @default false */
  readonly survives?: false;
  /** How often it is tried again after a failure. @default 0 */
  readonly retries?: number;
  /** Before it is tried again, in ms. @default 5,000 */
  readonly backoff?: number;
  /** After it has failed the workflow goes on. @default false */
  readonly continueOnError?: boolean;
  /** @deprecated `"continue"` is `continueOnError: true`. */
  readonly whenFailed?: "stop" | "continue";
  /** While all goes well, only after a failure, or whatever happened, also after a cancel. @default `"success"` */
  readonly when?: StepWhen;
  /** Running it twice does no harm. @default false */
  readonly idempotent?: boolean;
  /** False: left out unless it is switched on at the start. @default true */
  readonly enabled?: boolean;
}

const ENDS_WITH_PROCESS = "must be false: a function ends with its process";

const ms = z.number().nonnegative();
const OF_BRANCHES = [
  "run",
  "timeout",
  "stopSignal",
  "stopTimeout",
  "survives",
  "retries",
  "backoff",
  "idempotent",
] as const;
const OF_PARENT = ["parallel", "max", "failFast", "when"] as const;

const codeStep = (isBranch: boolean) =>
  z
    .strictObject({
      action: z.string().min(1).max(200),
      title: z.string().optional(),
      run: z
        .custom<StepHandler>((run) => typeof run === "function", "must be a function")
        .optional(),
      parallel: z
        .array(z.lazy((): z.ZodType<CodeStep> => codeStep(true) as unknown as z.ZodType<CodeStep>))
        .min(1)
        .max(LIMITS.branches)
        .optional(),
      max: z.int().positive().optional(),
      failFast: z.boolean().optional(),
      on: z.never("is for a command of a recipe: a function runs where the server does").optional(),
      timeout: ms.positive().optional(),
      stopSignal: z.enum(GIVEN_STOP_SIGNALS, NO_STOP_SIGNAL).optional(),
      stopTimeout: ms.optional(),
      survives: z.literal(false, ENDS_WITH_PROCESS).optional(),
      retries: z.int().nonnegative().optional(),
      backoff: ms.optional(),
      continueOnError: z.boolean().optional(),
      whenFailed: z.enum(["stop", "continue"]).optional(),
      when: z.enum(STEP_WHEN).optional(),
      idempotent: z.boolean().optional(),
      enabled: z.boolean().optional(),
    })
    .superRefine((step, context) => {
      const complain = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      const isParallel = step.parallel !== undefined;
      if (step.run === undefined && !isParallel) complain("run", "must be a function");
      for (const key of isParallel && !isBranch ? OF_BRANCHES : [])
        if (step[key] !== undefined) complain(key, "cannot stand beside `parallel`");
      for (const key of isBranch ? OF_PARENT : [])
        if (step[key] !== undefined) complain(key, "cannot stand in `parallel`");
      for (const key of isParallel || isBranch ? [] : (["max", "failFast"] as const))
        if (step[key] !== undefined) complain(key, "is for `parallel`, and there is none");
    });

const CodeFile = z.strictObject({
  name: z.string().min(1).max(200),
  title: z.string().optional(),
  description: z.string().optional(),
  inputs: FieldsSchema.optional(),
  env: z.record(z.string(), z.string()).optional(),
  onRestart: z.enum(ON_RESTART).optional(),
  onNodeLoss: z
    .never("is for recipes: a function runs in its server, and nothing ends it where that is lost")
    .optional(),
  stepDelay: ms.optional(),
  timeout: ms.positive().optional(),
  concurrency: z
    .strictObject({
      group: z.string().min(1).max(200).optional(),
      limit: z.int().min(1).max(1_000).optional(),
      whenBusy: z.enum(WHEN_BUSY).optional(),
    })
    .optional(),
  node: NodeFile.optional(),
  steps: z
    .array(codeStep(false))
    .min(1)
    .max(LIMITS.steps)
    .superRefine((steps, context) => {
      const count = steps.reduce((sum, { parallel = [] }) => sum + 1 + parallel.length, 0);
      if (count > LIMITS.steps)
        context.addIssue({ code: "custom", message: `must not be more than ${LIMITS.steps}` });
      for (const repeated of repeatedActions({ steps })) {
        const path = [...repeated.path.slice(1)];
        const message = repeatedWords(repeated, null);
        context.addIssue({ code: "custom", path, message });
      }
    }),
});

/** For `createInstep({definitions})`. Throws, naming the field, where it is none. */
export function defineWorkflow(code: CodeDefinition): WorkflowDefinition {
  const parsed = CodeFile.safeParse(code, { error: issueWords });
  if (!parsed.success) throw new TypeError(z.prettifyError(parsed.error));
  const { name, title, description, inputs = {}, env = {}, onRestart = "ask" } = parsed.data;
  const { concurrency } = parsed.data;
  return {
    name,
    title,
    description,
    inputs,
    env,
    onRestart,
    stepDelayMs: parsed.data.stepDelay ?? 0,
    timeoutMs: parsed.data.timeout,
    concurrency: concurrency && {
      group: concurrency.group,
      limit: concurrency.limit ?? 1,
      whenBusy: concurrency.whenBusy ?? "wait",
    },
    ...nodeLabelsOf(parsed.data.node),
    folder: ".",
    steps: parsed.data.steps.map(stepOf),
  };
}

/** As it was read: what is missing may be told as undefined. */
type ReadStep = { readonly [key in keyof CodeStep]?: CodeStep[key] | undefined } & {
  readonly action: string;
};

function stepOf(step: ReadStep): DefinedStep {
  return {
    action: step.action,
    title: step.title,
    handler: step.run,
    ...(step.parallel && { parallel: step.parallel.map(stepOf) }),
    ...(step.max === undefined ? {} : { max: step.max }),
    ...(step.failFast && { failFast: true }),
    env: {},
    timeoutMs: step.timeout,
    stopSignal: step.stopSignal && stopSignalOf(step.stopSignal),
    stopTimeoutMs: step.stopTimeout,
    survives: false,
    retries: step.retries ?? 0,
    backoffMs: step.backoff ?? DEFAULT_BACKOFF_MS,
    continueOnError: step.continueOnError ?? step.whenFailed === "continue",
    when: step.when ?? "success",
    idempotent: step.idempotent ?? false,
    enabled: step.enabled ?? true,
  };
}
