/** What is wrong with a value is said in plain words. */
import { expect, test } from "vitest";
import * as z from "zod";
import { issueWords } from "../../../shared/schema/issueWords.js";

const wordsFor = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value, { error: issueWords }).error?.issues[0]?.message;

test.each<[z.ZodType, unknown, string]>([
  [z.strictObject({ name: z.string() }), {}, "is required"],
  [z.string(), 7, "must be text"],
  [z.number(), "7", "must be a number"],
  [z.int(), 1.5, "must be a whole number"],
  [z.boolean(), "yes", "must be true or false"],
  [z.array(z.string()), {}, "must be a list"],
  [z.strictObject({}), [], "must be an object"],
  [z.record(z.string(), z.string()), 3, "must be an object"],
  [z.literal("a"), "b", "must be a"],
  [z.enum(["a", "b"]), "c", "must be one of a, b"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(3), "", "must have at least 3 characters"],
  [z.string().max(2), "abc", "must have at most 2 characters"],
  [z.array(z.int()).max(1), [1, 2], "must have at most 1 entry"],
  [z.number().min(1), 0, "must be at least 1"],
  [z.number().max(1), 2, "must be at most 1"],
  [z.string("must be a name"), 7, "must be a name"],
  [z.string().regex(/^a$/, "must be the letter a"), "b", "must be the letter a"],
])("%#: %2$s", (schema, value, words) => {
  expect(wordsFor(schema, value)).toBe(words);
});
