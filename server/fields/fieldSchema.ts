/** Typed fields as a schema: what a definition's inputs and a question's fields have to look like. */
import * as z from "zod";
import {
  type Field,
  type FieldProblem,
  type Fields,
  isFieldName,
  type PatternMatcher,
  type SecretSource,
  whyNoFieldName,
} from "../../shared/fields/fields.js";
import { checkGiven } from "./givenValues.js";
import { createPatternSum, TOO_LARGE_TOGETHER } from "./patternSum.js";
import { MOST_PATTERN_CHARACTERS } from "./patternSyntax.js";
import { createPatternMatcher, readPattern, whyNoPattern } from "./patterns.js";

/** Longer lists of fields are refused unread. */
export const MOST_FIELDS = 50;
const MOST_OPTIONS = 200;
const text = z.string("must be text");
const line = text.min(1, "must not be empty").max(400, "must not be longer than 400 characters");
const yesOrNo = z.boolean("must be true or false");
const number = z.number("must be a number");

const NO_SOURCE = "must be {env: NAME} or {file: path}";

const described = {
  title: line.optional(),
  description: text.max(4_000).optional(),
  required: yesOrNo.optional(),
};

/** A secret comes from a variable or from a file: given both, it would be open which counts. */
const Source = z
  .strictObject(
    {
      env: text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not a name a variable can have").optional(),
      file: text
        .min(1, "must not be empty")
        .max(4_096, "must not be longer than 4096 characters")
        .refine((path) => !path.includes("\0"), "must not contain NUL")
        .optional(),
    },
    { error: NO_SOURCE },
  )
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), { error: NO_SOURCE })
  .transform((source) => source as SecretSource);

/** A pattern as long as one that somebody may write down; its meaning is not checked here. */
const AnyText = text.max(MOST_PATTERN_CHARACTERS);
const Pattern = text.refine((source) => readPattern(source).ok, {
  // A default is not held against what is no pattern.
  abort: true,
  error: ({ input }) => whyNoPattern(String(input)),
});
/** A number that YAML took for one is meant as the text it was written as. */
const Option = z.union([line, z.number().transform(String), z.boolean().transform(String)]);

const anyField = (pattern: z.ZodType<string>) =>
  z.discriminatedUnion(
    "type",
    [
      z.strictObject({
        type: z.literal("string"),
        ...described,
        pattern: pattern.optional(),
        default: text.optional(),
      }),
      z.strictObject({
        type: z.literal("number"),
        ...described,
        min: number.optional(),
        max: number.optional(),
        default: number.optional(),
      }),
      z.strictObject({ type: z.literal("boolean"), ...described, default: yesOrNo.optional() }),
      z.strictObject({
        type: z.literal("choice"),
        ...described,
        options: z.array(Option).min(1, "must have at least one option").max(MOST_OPTIONS),
        default: Option.optional(),
      }),
      z.strictObject({ type: z.literal("secret"), ...described, from: Source.optional() }),
      z.strictObject({ type: z.literal("ssh"), ...described, default: text.optional() }),
    ],
    {
      error: (issue) =>
        issue.code === "invalid_union"
          ? "must be string, number, boolean, choice, secret or ssh"
          : "must be {type: …}",
    },
  );

/** The keys that a field of each type may have. */
export const FIELD_KEYS_BY_TYPE: ReadonlyMap<string, readonly string[]> = new Map(
  anyField(Pattern).options.map(({ shape }) => [shape.type.value, Object.keys(shape)]),
);

/** Null for the matcher where the patterns were checked once. */
const fieldSchema = (pattern: z.ZodType<string>, matcher: (() => PatternMatcher) | null) =>
  anyField(pattern).superRefine((field: Field, context) => {
    if (field.type === "number" && (field.min ?? -Infinity) > (field.max ?? Infinity)) {
      context.addIssue({ code: "custom", path: ["max"], message: "must not be less than min" });
    }
    const problem = problemOfDefault(field, matcher?.() ?? null);
    if (problem) context.addIssue({ code: "custom", path: ["default"], message: problem.message });
  });

const fieldsSchema = (field: ReturnType<typeof fieldSchema>) =>
  z
    .unknown()
    // The number of fields is checked first: every later check costs something for each field.
    .refine((given) => Object.keys(given ?? {}).length <= MOST_FIELDS, {
      abort: true,
      error: `must not have more than ${MOST_FIELDS} fields`,
    })
    .pipe(
      z.record(z.string().refine(isFieldName), field, {
        error: (issue) =>
          issue.code === "invalid_key"
            ? whyNoFieldName(String(issue.input))
            : "must be a list of name: {type: …}",
      }),
    )
    // As environment variables, field names are written in capitals; two names that differ in case only would be one variable.
    .refine(
      (fields) =>
        new Set(Object.keys(fields).map((name) => name.toUpperCase())).size ===
        Object.keys(fields).length,
      {
        error: "must not have two names that differ only in capitals",
      },
    )
    .refine(patternsFit, { error: TOO_LARGE_TOGETHER })
    .superRefine((fields, context) => {
      const taken = partsOfConnections(fields);
      for (const name of Object.keys(fields)) {
        const connection = taken.get(name.toUpperCase());
        if (connection === undefined) continue;
        const message = `is what a part of "${connection}" is called; choose another name`;
        context.addIssue({ code: "custom", path: [name], message });
      }
    });

/** Fields that somebody writes down now: their patterns are checked. */
export const FieldsSchema = fieldsSchema(fieldSchema(Pattern, createPatternMatcher));

/** Fields that were accepted earlier, perhaps by a version that took other patterns: their patterns are not checked again. */
export const KeptFieldsSchema = fieldsSchema(fieldSchema(AnyText, null));

/** A connection reaches commands in parts, too: the variables' names, in capitals, and the field that each belongs to. */
function partsOfConnections(fields: Fields): ReadonlyMap<string, string> {
  const connections = Object.keys(fields).filter((name) => fields[name]?.type === "ssh");
  return new Map(
    connections.flatMap((name) =>
      ["USER", "HOST", "PORT"].map((part) => [`${name.toUpperCase()}_${part}`, name] as const),
    ),
  );
}

/** Reads fields that a driver wrote into a state; null where they do not have the shape of fields. Their patterns are checked with a value. */
export function readFields(given: unknown): Fields | null {
  const parsed = KeptFieldsSchema.safeParse(given);
  return parsed.success ? parsed.data : null;
}

/** The first problem of the patterns in a question's fields, whatever else these fields hold; null where there is none. */
export function problemOfPatterns(given: unknown): FieldProblem | null {
  if (typeof given !== "object" || given === null) return null;
  const fits = createPatternSum();
  for (const [name, field] of Object.entries(given)) {
    const source: unknown = isObject(field) ? field.pattern : undefined;
    if (typeof source !== "string") continue;
    const path = `${name}.pattern`;
    const read = readPattern(source);
    if (!read.ok) return { path, message: read.why };
    if (!fits(source)) return { path, message: TOO_LARGE_TOGETHER };
  }
  return null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function patternsFit(fields: Fields): boolean {
  const fits = createPatternSum();
  return Object.values(fields).every(
    (field) => field.type !== "string" || !field.pattern || fits(field.pattern),
  );
}

function problemOfDefault(field: Field, matcher: PatternMatcher | null): FieldProblem | null {
  const given = "default" in field ? field.default : undefined;
  if (given === undefined) return null;
  const checked = checkGiven({ field }, { field: given }, matcher);
  return checked.ok ? null : (checked.problems[0] ?? null);
}
