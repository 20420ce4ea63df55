/** The keys of `parallel` in a definition file, and the rules for its step and its branches. */
import * as z from "zod";
import { LIMITS } from "../../../../shared/limits.js";
import { yesOrNo } from "./values.js";

const most = `must not be more than ${LIMITS.branches}`;

/** `branch` makes the schema of a branch. */
export const parallelKeys = (branch: () => z.ZodType<unknown>) => ({
  parallel: z
    .array(z.lazy(branch), { error: "must be a list of steps" })
    .min(1, "must have at least one step")
    .max(LIMITS.branches, `must not have more than ${LIMITS.branches} steps`)
    .optional(),
  max: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(LIMITS.branches, most)
    .optional(),
  fail_fast: yesOrNo.optional(),
});

type Keys = Readonly<Record<string, unknown>>;

/** The keys of a parallel step itself; all others stand in its branches. */
export const OF_PARENT: ReadonlySet<string> = new Set([
  "action",
  "title",
  "enabled",
  "when",
  "continue_on_error",
  "when_failed",
  "parallel",
  "max",
  "fail_fast",
]);
const COMMANDS = ["run", "argv", "ask"];

export interface StepProblem {
  readonly key: string;
  readonly message: string;
}

/** The problems of a step outside of `parallel`. `plain` is one that says nothing but what it runs. */
export function problemsOfStep(step: Keys, plain: Keys): StepProblem[] {
  if (step.parallel === undefined) {
    return ["max", "fail_fast"]
      .filter((key) => step[key] !== undefined)
      .map((key) => ({ key, message: "is for `parallel`, and there is none" }));
  }
  return Object.keys(step)
    .filter((key) => !OF_PARENT.has(key) && isSaid(key, step, plain))
    .map((key) => ({
      key,
      message: COMMANDS.includes(key)
        ? "cannot stand beside `parallel`"
        : "belongs to the branches: write it in each step of `parallel`",
    }));
}

/** The keys that only stand in a step outside of `parallel`. */
export const NOT_IN_BRANCH = ["ask", "parallel", "when", "max", "fail_fast"] as const;

/** The problems of a step of `parallel`. */
export function problemsOfBranch(step: Keys, plain: Keys): StepProblem[] {
  const problems: readonly [key: (typeof NOT_IN_BRANCH)[number], message: string][] = [
    ["ask", "cannot stand in `parallel`: ask in a step of its own, before it"],
    ["parallel", "cannot stand in `parallel`: write its steps beside this one"],
    ["when", "cannot stand in `parallel`: write it in the step around it"],
    ["max", "cannot stand in `parallel`"],
    ["fail_fast", "cannot stand in `parallel`"],
  ];
  return problems
    .filter(([key]) => isSaid(key, step, plain))
    .map(([key, message]) => ({ key, message }));
}

const isSaid = (key: string, step: Keys, plain: Keys): boolean =>
  step[key] !== undefined && (COMMANDS.includes(key) || !isSame(step[key], plain[key]));

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
