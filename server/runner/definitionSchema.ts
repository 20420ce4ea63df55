/** What a definition has to look like when it comes from a file. */
import * as z from "zod";
import type { FieldValues, PatternMatcher } from "../../shared/fields.js";
import { LIMITS } from "../../shared/limits.js";
import { parseDuration } from "../duration.js";
import { FieldsSchema, KeptFieldsSchema } from "../fields/fieldSchema.js";
import { checkGiven } from "../fields/givenValues.js";
import { TOO_LARGE_TOGETHER } from "../fields/patternSum.js";
import { createPatternMatcher, readPattern } from "../fields/patterns.js";
import type { DefinedStep, WorkflowDefinition } from "./definition.js";
import { patternTooMany } from "./definitionPatterns.js";

const MOST_RETRIES = 100;
const BACKOFF_MS = 5_000;
/** Held against every line that is printed. */
const MOST_PROGRESS_SIZE = 250;

const text = z.string({
  error: ({ input }) =>
    input === undefined || input === null
      ? "is required"
      : typeof input === "object"
        ? "must be text"
        : `must be text: put it in quotes, "${input}"`,
});
const line = text
  .min(1, "must not be empty")
  .max(200, "must not be longer than 200 characters")
  .regex(/^\P{Cc}*$/u, "must be one line");
const yesOrNo = z.boolean("must be true or false");
const withoutNul = (schema: z.ZodString) =>
  schema.refine((value) => !value.includes("\0"), "must not contain NUL");
const ShellCommand = withoutNul(text.regex(/\S/, "must not be empty"));

const duration = (least: number) =>
  z
    .union([z.string(), z.number()], { error: "must be a time like 30s or 10m" })
    .transform((given, context) => {
      try {
        const ms = parseDuration(String(given));
        if (ms >= least) return ms;
        context.addIssue({ code: "custom", message: "must be longer than nothing" });
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
      }
      return z.NEVER;
    });

const Variables = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    z.union([withoutNul(z.string()), z.number(), z.boolean()], {
      error: "must be text or a number",
    }),
    {
      error: (issue) =>
        issue.code === "invalid_key"
          ? "is not a name a variable can have"
          : "must be a list of NAME: value",
    },
  )
  .transform((variables) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
  );

const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]), {
  error: "must be a list of field: value",
});

/** What is asked of patterns: that they can be matched, or, of those in a recipe that was taken once, nothing. */
interface PatternRules {
  readonly fields: typeof FieldsSchema;
  readonly progress: z.ZodType<string>;
  readonly matcher: (() => PatternMatcher) | null;
}

const PROGRESS =
  "must be rsync, or a regular expression with the percentage in its first group: '(\\d+)%'";

const CHECKED: PatternRules = {
  fields: FieldsSchema,
  progress: line.refine((pattern) => whyNoProgress(pattern) === null, {
    error: ({ input }) => whyNoProgress(String(input)) ?? PROGRESS,
  }),
  matcher: createPatternMatcher,
};
const KEPT: PatternRules = { fields: KeptFieldsSchema, progress: line, matcher: null };

const questionFile = ({ fields: FieldList, matcher }: PatternRules) =>
  z
    .strictObject(
      {
        prompt: text
          .min(1, "must not be empty")
          .max(8_000, "must not be longer than 8000 characters"),
        fields: FieldList.default({}),
        default: Values.optional(),
        deadline: duration(1).optional(),
        when: ShellCommand.optional(),
      },
      { error: "must have a `prompt`" },
    )
    .superRefine(({ fields, default: given, deadline }, context) => {
      if (given === undefined) return;
      const complain = (path: string[], message: string) =>
        context.addIssue({ code: "custom", path, message });
      if (deadline === undefined) complain(["default"], "is for the deadline, and there is none");
      // Everybody who sees the question would see it.
      for (const name of Object.keys(given))
        if (fields[name]?.type === "secret") complain(["default", name], "a secret has no default");
      const checked = checkGiven(fields, given, matcher?.() ?? null);
      if (checked.ok) return;
      for (const { path, message } of checked.problems) complain(["default", path], message);
    });

const stepFile = (rules: PatternRules) =>
  z
    .strictObject(
      {
        action: line,
        title: line.optional(),
        run: ShellCommand.optional(),
        argv: z
          .array(withoutNul(text), { error: "must be a list: the program and its arguments" })
          .min(1, "must name a program")
          .max(1_000)
          .optional(),
        cwd: line.optional(),
        env: Variables.default({}),
        timeout: duration(1).optional(),
        retries: z
          .int("must be a whole number")
          .min(0, "must not be negative")
          .max(MOST_RETRIES, `must not be more than ${MOST_RETRIES}`)
          .default(0),
        backoff: duration(0).default(BACKOFF_MS),
        when_failed: z.enum(["stop", "continue"], "must be stop or continue").default("stop"),
        ask: questionFile(rules).optional(),
        progress: rules.progress.optional(),
        idempotent: yesOrNo.default(false),
        enabled: yesOrNo.default(true),
      },
      { error: "must have `action` and `run`" },
    )
    .superRefine(({ run, argv, ask }, context) => {
      const complain = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      if (run !== undefined && argv !== undefined) complain("argv", "cannot stand beside `run`");
      if (run === undefined && argv === undefined && ask === undefined) {
        complain("run", "is required (or `argv`, or `ask`)");
      }
    });

const definitionFile = (rules: PatternRules) =>
  z
    .strictObject(
      {
        name: line,
        title: line.optional(),
        description: text.max(4_000, "must not be longer than 4000 characters").optional(),
        inputs: rules.fields.default({}),
        env: Variables.default({}),
        on_restart: z.enum(["ask", "resume"], "must be ask or resume").default("ask"),
        step_delay: duration(0).default(0),
        steps: z
          .array(stepFile(rules), {
            error: ({ input }) => (input === undefined ? "is required" : "must be a list of steps"),
          })
          .min(1, "must have at least one step")
          .max(LIMITS.steps, `must not have more than ${LIMITS.steps} steps`),
      },
      { error: "must be a definition: `name` and `steps`" },
    )
    .refine(({ steps }) => steps.length === 0 || steps.some(({ enabled }) => enabled), {
      path: ["steps"],
      message: "are all switched off",
    });

export const DefinitionFile = z
  .unknown()
  // First of all: each pattern costs something to look at.
  .superRefine((raw, context) => {
    const path = patternTooMany(raw);
    if (path) context.addIssue({ code: "custom", path: [...path], message: TOO_LARGE_TOGETHER });
  })
  .pipe(definitionFile(CHECKED));
/** What was read from a file once, perhaps when other patterns were taken. */
export const KeptDefinition = definitionFile(KEPT);
export const StepFile = stepFile(CHECKED);
export const QuestionFile = questionFile(CHECKED);

type DefinitionFile = z.infer<typeof DefinitionFile>;

/** The same as the runner uses it. */
export function definitionOf(
  file: DefinitionFile,
  origin: Pick<WorkflowDefinition, "folder" | "file" | "source">,
): WorkflowDefinition {
  const { on_restart, step_delay, steps, ...rest } = file;
  return {
    ...rest,
    ...origin,
    onRestart: on_restart,
    stepDelayMs: step_delay,
    steps: steps.map(stepOf),
  };
}

function stepOf(step: z.infer<typeof StepFile>): DefinedStep {
  const { run, argv, timeout, backoff, when_failed, ask, ...rest } = step;
  return {
    ...rest,
    argv: run === undefined ? argv : ["/bin/sh", "-c", run],
    timeoutMs: timeout,
    backoffMs: backoff,
    whenFailed: when_failed,
    ask: ask && {
      prompt: ask.prompt,
      fields: ask.fields,
      default: ask.default as FieldValues | undefined,
      deadlineMs: ask.deadline,
      when: ask.when,
    },
  };
}

/** As a predicate. */
function whyNoProgress(source: string): string | null {
  if (source === "rsync") return null;
  const read = readPattern(source);
  if (!read.ok) return read.why;
  if (read.pattern.size > MOST_PROGRESS_SIZE) return "is too large for a pattern of progress";
  return read.pattern.groups > 0 ? null : PROGRESS;
}
