/** Typed fields as a schema: what a definition's inputs and a question's fields have to look like. */
import * as z from "zod";
import { checkValues, FIELD_NAME, type Field, type FieldProblem, type Fields } from "./fields.js";

const MOST_FIELDS = 50;
const MOST_OPTIONS = 200;
const text = z.string("must be text");
const line = text.min(1, "must not be empty").max(400, "must not be longer than 400 characters");
const yesOrNo = z.boolean("must be true or false");
const number = z.number("must be a number");

const described = {
  title: line.optional(),
  description: text.max(4_000).optional(),
  required: yesOrNo.optional(),
};

const Pattern = text.max(1_000).refine(isRegularExpression, "is not a regular expression");
/** A number that YAML took for one is meant as the text it was written as. */
const Option = z.union([line, z.number().transform(String), z.boolean().transform(String)]);

const AnyField = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("string"),
      ...described,
      pattern: Pattern.optional(),
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
    z.strictObject({ type: z.literal("secret"), ...described }),
    z.strictObject({ type: z.literal("ssh"), ...described, default: text.optional() }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union"
        ? "must be string, number, boolean, choice, secret or ssh"
        : "must be {type: …}",
  },
);

export const FieldSchema = AnyField.superRefine((field: Field, context) => {
  if (field.type === "number" && (field.min ?? -Infinity) > (field.max ?? Infinity)) {
    context.addIssue({ code: "custom", path: ["max"], message: "must not be less than min" });
  }
  const problem = problemOfDefault(field);
  if (problem) context.addIssue({ code: "custom", path: ["default"], message: problem.message });
});

export const FieldsSchema = z
  .record(z.string().regex(FIELD_NAME), FieldSchema, {
    error: (issue) =>
      issue.code === "invalid_key"
        ? "is not a name a field can have: letters, digits and _, beginning with a letter"
        : "must be a list of name: {type: …}",
  })
  .refine((fields) => Object.keys(fields).length <= MOST_FIELDS, {
    error: `must not have more than ${MOST_FIELDS} fields`,
  })
  // As variables they are written in capitals, where these would be one.
  .refine(
    (fields) =>
      new Set(Object.keys(fields).map((name) => name.toUpperCase())).size ===
      Object.keys(fields).length,
    {
      error: "must not have two names that differ only in capitals",
    },
  )
  .superRefine((fields, context) => {
    const taken = partsOfConnections(fields);
    for (const name of Object.keys(fields)) {
      const connection = taken.get(name.toUpperCase());
      if (connection === undefined) continue;
      const message = `is what a part of "${connection}" is called; choose another name`;
      context.addIssue({ code: "custom", path: [name], message });
    }
  });

/** A connection also reaches commands in parts: the names of those, in capitals, and whose they are. */
function partsOfConnections(fields: Fields): ReadonlyMap<string, string> {
  const connections = Object.keys(fields).filter((name) => fields[name]?.type === "ssh");
  return new Map(
    connections.flatMap((name) =>
      ["USER", "HOST", "PORT"].map((part) => [`${name.toUpperCase()}_${part}`, name] as const),
    ),
  );
}

/** Fields as somebody else wrote them down; null where they are not such. */
export function readFields(given: unknown): Fields | null {
  const parsed = FieldsSchema.safeParse(given);
  return parsed.success ? parsed.data : null;
}

function problemOfDefault(field: Field): FieldProblem | null {
  const given = "default" in field ? field.default : undefined;
  if (given === undefined) return null;
  const checked = checkValues({ field }, { field: given });
  return checked.ok ? null : (checked.problems[0] ?? null);
}

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}
