/** The schema of a whole definition file. */

import * as z from "zod";
import { LIMITS } from "../../../../shared/limits.js";
import { ON_NODE_LOSS, ON_RESTART } from "../../../../shared/statuses.js";
import { TOO_LARGE_TOGETHER } from "../../../fields/patternSum.js";
import { WebhooksFile, webhookOf } from "../../../webhooks/webhookFile.js";
import type { WorkflowDefinition } from "../definition.js";
import { ConcurrencyFile, whyNoGroup } from "./concurrencyFile.js";
import { patternTooMany } from "./definitionPatterns.js";
import { HookFile, hookOf } from "./hookFile.js";
import { NodeFile, nodeLabelsOf } from "./nodeFile.js";
import { whyNotResumed } from "./nodeLossFile.js";
import { type OnFile, whyNotOn } from "./onFile.js";
import { CHECKED, KEPT, type PatternRules } from "./patternRules.js";
import { questionFile } from "./questionFile.js";
import { ShellFile } from "./shellFile.js";
import { stepFile, stepOf } from "./stepFile.js";
import { duration, line, text } from "./values.js";

const definitionFile = (rules: PatternRules) =>
  z
    .strictObject(
      {
        name: line,
        title: line.optional(),
        description: text.max(4_000, "must not be longer than 4000 characters").optional(),
        inputs: rules.fields.default({}),
        env: rules.variables.default({}),
        shell: ShellFile.optional(),
        on_restart: z.enum(ON_RESTART, "must be ask or resume").default("ask"),
        on_node_loss: z.enum(ON_NODE_LOSS, "must be wait or resume").default("wait"),
        step_delay: duration(0).default(0),
        timeout: duration(1).optional(),
        concurrency: ConcurrencyFile.optional(),
        node: NodeFile.optional(),
        on_end: HookFile.optional(),
        on_blocked: HookFile.optional(),
        webhooks: WebhooksFile.optional(),
        steps: z
          .array(stepFile(rules), {
            error: ({ input }) => (input === undefined ? "is required" : "must be a list of steps"),
          })
          .min(1, "must have at least one step")
          .max(LIMITS.steps, `must not have more than ${LIMITS.steps} steps`),
      },
      { error: "must be a definition: `name` and `steps`" },
    )
    .refine(({ steps }) => steps.length === 0 || steps.some(isOn), {
      path: ["steps"],
      message: "are all switched off",
    })
    .refine(({ steps }) => steps.flatMap(withBranches).length <= LIMITS.steps, {
      path: ["steps"],
      message: `must not be more than ${LIMITS.steps} with the steps of \`parallel\``,
    })
    .superRefine(({ concurrency: { group } = {}, inputs }, context) => {
      const why = group === undefined ? null : whyNoGroup(group, inputs);
      if (why !== null)
        context.addIssue({ code: "custom", path: ["concurrency", "group"], message: why });
    })
    .superRefine(({ steps, inputs }, context) => {
      for (const { step, path } of steps.flatMap(withPaths)) {
        const problem = step.on && whyNotOn(step.on, inputs);
        if (!problem) continue;
        const { message } = problem;
        context.addIssue({ code: "custom", path: [...path, ...problem.path], message });
      }
    })
    .superRefine(({ on_node_loss, steps }, context) => {
      if (on_node_loss !== "resume") return;
      for (const step of steps.flatMap(withBranches)) {
        const message = whyNotResumed(step);
        if (message) context.addIssue({ code: "custom", path: ["on_node_loss"], message });
      }
    });

interface StepKeys {
  readonly action: string;
  readonly enabled: boolean;
  readonly on?: z.infer<typeof OnFile> | undefined;
  readonly tty: boolean;
  readonly survives?: boolean | undefined;
  readonly ask?: { readonly when?: unknown } | undefined;
  readonly parallel?: readonly unknown[] | undefined;
}

const branchesOf = ({ parallel = [] }: StepKeys) => parallel as readonly StepKeys[];
const withBranches = (step: StepKeys): StepKeys[] => [step, ...branchesOf(step)];
const withPaths = (step: StepKeys, at: number) => [
  { step, path: ["steps", at] },
  ...branchesOf(step).map((branch, inside) => ({
    step: branch,
    path: ["steps", at, "parallel", inside],
  })),
];
const isOn = (step: StepKeys): boolean =>
  step.enabled && (step.parallel === undefined || branchesOf(step).some(({ enabled }) => enabled));

export const DefinitionFile = z
  .unknown()
  // First of all: each pattern costs something to look at.
  .superRefine((raw, context) => {
    const path = patternTooMany(raw);
    if (path) context.addIssue({ code: "custom", path: [...path], message: TOO_LARGE_TOGETHER });
  })
  .pipe(definitionFile(CHECKED));
/** For a recipe that was read from a file once, perhaps when other patterns were taken. */
export const KeptDefinition = definitionFile(KEPT);
export const StepFile = stepFile(CHECKED);
export const QuestionFile = questionFile(CHECKED);

type DefinitionFile = z.infer<typeof DefinitionFile>;

/** The same as the runner uses it. */
export function definitionOf(
  file: DefinitionFile,
  origin: Pick<WorkflowDefinition, "folder" | "file" | "source">,
): WorkflowDefinition {
  const {
    on_restart,
    on_node_loss,
    step_delay,
    timeout,
    steps,
    shell,
    concurrency,
    node,
    on_end,
    on_blocked,
    webhooks,
    ...rest
  } = file;
  return {
    ...rest,
    ...origin,
    onRestart: on_restart,
    onNodeLoss: on_node_loss,
    stepDelayMs: step_delay,
    timeoutMs: timeout,
    ...(concurrency && {
      concurrency: {
        group: concurrency.group,
        limit: concurrency.limit,
        whenBusy: concurrency.when_busy,
      },
    }),
    ...nodeLabelsOf(node),
    onEnd: hookOf(on_end, shell),
    onBlocked: hookOf(on_blocked, shell),
    ...(webhooks && { webhooks: webhooks.map(webhookOf) }),
    steps: steps.map((step) => stepOf(step, file.inputs, shell)),
  };
}
