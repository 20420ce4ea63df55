/** A step as it stands in a definition file, and the same as the runner uses it. */

import * as z from "zod";
import type { Fields, FieldValues } from "../../../../shared/fields/fields.js";
import { STEP_WHEN } from "../../../../shared/statuses.js";
import type { DefinedStep } from "../definition.js";
import { DEFAULT_BACKOFF_MS } from "../definition.js";
import { questionCall, type Shell, scriptCall } from "../scriptCall.js";
import { GIVEN_STOP_SIGNALS, NO_STOP_SIGNAL, stopSignalOf } from "../stopManner.js";
import { farMachineOf, OnFile } from "./onFile.js";
import { parallelKeys, problemsOfBranch, problemsOfStep } from "./parallelFile.js";
import { KEPT, type PatternRules } from "./patternRules.js";
import { questionFile } from "./questionFile.js";
import { ShellFile } from "./shellFile.js";
import { clashesIn } from "./stepClashes.js";
import { Argv, duration, line, ShellCommand, yesOrNo } from "./values.js";

const MOST_RETRIES = 100;

export const stepFile = (rules: PatternRules, isBranch = false) =>
  z
    .strictObject(
      {
        action: line,
        title: line.optional(),
        run: ShellCommand.optional(),
        argv: Argv.optional(),
        shell: ShellFile.optional(),
        tty: yesOrNo.default(false),
        on: OnFile.optional(),
        cwd: line.optional(),
        env: rules.variables.default({}),
        timeout: duration(1).optional(),
        stop_timeout: duration(0).optional(),
        stop_signal: z.enum(GIVEN_STOP_SIGNALS, NO_STOP_SIGNAL).optional(),
        leaves: yesOrNo.default(false),
        survives: yesOrNo.optional(),
        retries: z
          .int("must be a whole number")
          .min(0, "must not be negative")
          .max(MOST_RETRIES, `must not be more than ${MOST_RETRIES}`)
          .default(0),
        backoff: duration(0).default(DEFAULT_BACKOFF_MS),
        when: z.enum(STEP_WHEN, "must be success, failure or always").default("success"),
        continue_on_error: yesOrNo.optional(),
        when_failed: z.enum(["stop", "continue"], "must be stop or continue").optional(),
        ask: questionFile(rules).optional(),
        progress: rules.progress.optional(),
        idempotent: yesOrNo.default(false),
        enabled: yesOrNo.default(true),
        ...parallelKeys((): z.ZodType<unknown> => (isBranch ? z.unknown() : stepFile(rules, true))),
      },
      { error: "must have `action` and `run`" },
    )
    .superRefine((step, context) => {
      const problems = isBranch ? problemsOfBranch : problemsOfStep;
      for (const { key, message } of problems(step, plainStep()))
        context.addIssue({ code: "custom", path: [key], message });
    })
    .superRefine((step, context) => {
      for (const { key, message } of clashesIn(step, isBranch))
        context.addIssue({ code: "custom", path: [key], message });
    });

type StepFile = z.infer<ReturnType<typeof stepFile>>;

let plain: Record<string, unknown> | null = null;
/** One that says nothing but what it runs: what else stands in it was not written. */
function plainStep(): Record<string, unknown> {
  plain ??= z.object(stepFile(KEPT).shape).parse({ action: "plain", run: "true" });
  return plain;
}

/** The same as the runner uses it. `usual` is the definition's own shell. */
export function stepOf(step: StepFile, inputs: Fields, usual?: Shell): DefinedStep {
  const {
    run,
    argv,
    timeout,
    stop_timeout,
    stop_signal,
    backoff,
    when_failed,
    continue_on_error,
    ask,
    ...more
  } = step;
  const { shell = usual, survives = !more.tty, on, parallel, fail_fast, ...rest } = more;
  return {
    ...rest,
    ...(parallel && {
      parallel: parallel.map((branch) => stepOf(branch as StepFile, inputs, usual)),
    }),
    ...(on && { on: farMachineOf(on, inputs) }),
    ...(fail_fast && { failFast: true }),
    ...(run === undefined ? { argv } : scriptCall(run, shell)),
    survives,
    timeoutMs: timeout,
    stopTimeoutMs: stop_timeout,
    stopSignal: stop_signal && stopSignalOf(stop_signal),
    backoffMs: backoff,
    continueOnError: continue_on_error ?? when_failed === "continue",
    ask: ask && {
      prompt: ask.prompt,
      fields: ask.fields,
      default: ask.default as FieldValues | undefined,
      deadlineMs: ask.deadline,
      when: ask.when === undefined ? undefined : questionCall(ask.when, shell),
    },
  };
}
