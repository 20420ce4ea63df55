/** The kinds of value that the keys of a definition file have, each with what is said of one that is none. */
import * as z from "zod";
import { parseDuration } from "../../../../shared/text/duration.js";
import { valueProblem } from "../../variables/expand.js";

export const text = z.string({
  error: ({ input }) =>
    input === undefined || input === null
      ? "is required"
      : typeof input === "object"
        ? "must be text"
        : `must be text: put it in quotes, "${input}"`,
});
export const line = text
  .min(1, "must not be empty")
  .max(200, "must not be longer than 200 characters")
  .regex(/^\P{Cc}*$/u, "must be one line");
export const yesOrNo = z.boolean("must be true or false");
export const withoutNul = (schema: z.ZodString) =>
  schema.refine((value) => !value.includes("\0"), "must not contain NUL");
/** A program and its arguments. */
export const Argv = z
  .array(withoutNul(text), { error: "must be a list: the program and its arguments" })
  .min(1, "must name a program")
  .max(1_000);
export const ShellCommand = withoutNul(text.regex(/\S/, "must not be empty"));

/** As `parseDuration` takes it; longer than nothing, where that is asked for. */
const durationPattern = (least: number): string =>
  least === 0
    ? "^\\s*\\d+(\\.\\d+)?(ms|s|m|h)\\s*$"
    : "^\\s*(\\d*[1-9]\\d*(\\.\\d+)?|\\d+\\.\\d*[1-9]\\d*)(ms|s|m|h)\\s*$";

export const duration = (least: number) =>
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
    })
    .meta({ type: "string", pattern: durationPattern(least) });

export const Variables = z
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

/** The same, each value one that can be understood. */
export const CheckedVariables = Variables.superRefine((variables, context) => {
  for (const [name, value] of Object.entries(variables)) {
    const message = valueProblem(value);
    if (message !== null) context.addIssue({ code: "custom", path: [name], message });
  }
});

export const Values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]), {
  error: "must be a list of field: value",
});
