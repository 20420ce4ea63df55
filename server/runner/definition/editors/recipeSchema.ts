/** The recipe as JSON Schema, made from what the server checks with: editors complete, explain and mark with it. */
import * as z from "zod";
import { MOST_FIELDS } from "../../../fields/fieldSchema.js";
import { ConcurrencyFile } from "../file/concurrencyFile.js";
import { DefinitionFile } from "../file/definitionSchema.js";
import { NodeFile } from "../file/nodeFile.js";
import { OnFile } from "../file/onFile.js";
import { NOT_IN_BRANCH, OF_PARENT } from "../file/parallelFile.js";
import { KEY_WORDS, type Kind } from "./keyTexts.js";

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  type?: string | readonly string[];
  description?: string;
  default?: unknown;
  examples?: readonly unknown[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  propertyNames?: JsonSchema;
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
}

/** Draft 7, which editors know best. What only a look at the whole recipe tells is left to `instep check`. */
export function recipeSchema(): JsonSchema {
  const { $schema, ...schema } = jsonSchemaOf(DefinitionFile.out);
  explain(schema, []);
  return { $schema, title: "A recipe of Instep", ...schema };
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (zodSchema === ConcurrencyFile) shorten(jsonSchema as JsonSchema, GROUP_OR_LIMIT);
      if (zodSchema === NodeFile)
        shorten(jsonSchema as JsonSchema, [(jsonSchema as JsonSchema).items!]);
      if (zodSchema === OnFile)
        shorten(jsonSchema as JsonSchema, [{ type: "string", enum: ["ssh"] }]);
      // A schema that looks at a value before it is read (unknown, then a pipe) says nothing of the value: the schema behind it does.
      if (def.type !== "pipe" || (def as z.core.$ZodPipeDef).in._zod.def.type !== "unknown") return;
      const { $schema: _, ...read } = jsonSchemaOf((def as z.core.$ZodPipeDef).out as z.ZodType);
      Object.assign(jsonSchema, read);
    },
  }) as JsonSchema;
}

const GROUP_OR_LIMIT: readonly JsonSchema[] = [{ type: "string" }, { type: "integer", minimum: 1 }];

/** Adds the short forms, which the server turns into the whole map before it checks. */
function shorten(schema: JsonSchema, forms: readonly JsonSchema[]): void {
  const whole = { ...schema };
  for (const key of Object.keys(schema)) delete (schema as Record<string, unknown>)[key];
  schema.anyOf = [...forms, whole];
}

const ANY_ENTRY = "*";
const ANYTHING: JsonSchema = {};

/** `path` has the keys on the way to it, with `*` for the entries of a list and for names that are not ours. */
function explain(schema: JsonSchema, path: readonly string[]): void {
  // How a time is written was said in place of the types it is read from.
  if (schema.pattern !== undefined) delete schema.anyOf;
  for (const one of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) explain(one, path);
  if (schema.items) explain(schema.items, [...path, ANY_ENTRY]);
  if (schema.properties) explainKeys(schema, schema.properties, path);
  else if (schema.type === "object") explainNames(schema, path);
}

function explainKeys(
  schema: JsonSchema,
  properties: Record<string, JsonSchema>,
  path: readonly string[],
): void {
  const kind = kindAt(path);
  if (path.at(-2) === "parallel") for (const key of NOT_IN_BRANCH) delete properties[key];
  for (const [key, inside] of Object.entries(properties)) {
    explain(inside, [...path, key]);
    const words = kind && Object.hasOwn(KEY_WORDS[kind], key) ? KEY_WORDS[kind][key] : undefined;
    if (!words) continue;
    inside.description = words.about;
    if (words.usual !== undefined) inside.default = words.usual;
    if (words.examples) inside.examples = words.examples;
  }
  schema.patternProperties = { [OWN_KEYS]: ANYTHING };
  Object.assign(schema, kind === "step" ? stepRules(properties) : kind && RULES[kind]);
}

/** A map of names: what a name has to be is said where editors complete by it. */
function explainNames(schema: JsonSchema, path: readonly string[]): void {
  const { propertyNames, additionalProperties: entry } = schema;
  const isFields = path.at(-1) === "inputs" || path.at(-1) === "fields";
  const names = isFields ? FIELD_NAMES : propertyNames?.pattern;
  if (typeof entry === "object") explain(entry, [...path, ANY_ENTRY]);
  delete schema.propertyNames;
  schema.patternProperties = { [OWN_KEYS]: ANYTHING };
  if (isFields) Object.assign(schema, { maxProperties: MOST_FIELDS });
  if (names === undefined || typeof entry !== "object") return;
  schema.patternProperties[names] = entry;
  schema.additionalProperties = false;
}

const OWN_KEYS = "^x-";
const FIELD_NAMES = "^[A-Za-z][A-Za-z0-9_]{0,63}$";

/** Rules that the server checks beside the keys themselves. */
const RULES: Readonly<Partial<Record<Kind, JsonSchema>>> = {
  question: { dependencies: { default: ["deadline"] } },
};

/** The rules of a step, or of a branch in `parallel`. */
function stepRules(properties: Record<string, JsonSchema>): JsonSchema {
  const isKnown = (key: string) => Object.hasOwn(properties, key);
  const without = (...keys: string[]) => ({ not: { required: keys } });
  return {
    anyOf: ["run", "argv", "ask", "parallel"].filter(isKnown).map((key) => ({ required: [key] })),
    allOf: [
      without("run", "argv"),
      without("shell", "argv"),
      without("when_failed", "continue_on_error"),
      { not: { required: ["ask", "when"], properties: { when: { const: "always" } } } },
    ],
    ...(isKnown("parallel") && {
      dependencies: {
        parallel: { propertyNames: { pattern: `^(x-.*|${[...OF_PARENT].join("|")})$` } },
        max: ["parallel"],
        fail_fast: ["parallel"],
      },
    }),
  };
}

function kindAt(path: readonly string[]): Kind | null {
  const [last, before] = [path.at(-1), path.at(-2)];
  if (last === undefined) return "recipe";
  if (last === "ask") return "question";
  if (last === "concurrency") return "concurrency";
  if (last === "on_end" || last === "on_blocked") return "hook";
  if (last === "from" || last === "url" || last === "secret") return "source";
  if (last === "on") return "on";
  if (last !== ANY_ENTRY) return null;
  if (before === "webhooks") return "webhook";
  if (before === "headers") return "source";
  if (before === "steps" || before === "parallel") return "step";
  return before === "inputs" || before === "fields" ? "field" : null;
}
