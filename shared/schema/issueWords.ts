/** Says in plain words what a schema finds wrong, where the schema itself has no words: "is required", not "expected string, received undefined". */
import type * as z from "zod";

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** For `safeParse(value, { error: issueWords })`; words that a schema gives come first. Undefined leaves zod's own. */
export function issueWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is required" : `must be ${typeName(issue.expected)}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "string" && issue.minimum === 1
        ? "must not be empty"
        : `must ${bound(issue.origin, "at least", Number(issue.minimum))}`;
    case "too_big":
      return `must ${bound(issue.origin, "at most", Number(issue.maximum))}`;
    case "invalid_union":
      return optionsOf("options" in issue ? issue.options : undefined);
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
      return undefined;
  }
}

/** The values there are for the key by which a union is told apart. Undefined where the schema has words of its own. */
function optionsOf(options: unknown): string | undefined {
  if (!Array.isArray(options)) return undefined;
  const values = options.filter((value) => value !== undefined).map(String);
  return `must be one of ${values.join(", ")}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const typeName = (expected: string): string => TYPES[expected] ?? expected;

function bound(origin: string, how: "at least" | "at most", count: number): string {
  const isOne = count === 1;
  if (origin === "string") return `have ${how} ${count} ${isOne ? "character" : "characters"}`;
  if (origin === "array") return `have ${how} ${count} ${isOne ? "entry" : "entries"}`;
  return `be ${how} ${count}`;
}
