/** What is wrong with a field is told in a sentence. */
import { expect, test } from "vitest";
import { fieldSentence } from "../../../shared/fields/fieldSentences.js";
import type { Field } from "../../../shared/fields/fields.js";

const field = (title: string | undefined, type: "string" | "boolean" = "string"): Field => ({
  type,
  title,
});

test.each<[Field | undefined, string, string, string]>([
  [field("API token"), "token", "is required", "Give the API token."],
  [field("Host"), "host", "is required", "Give the host."],
  [field("GitHub user"), "user", "is required", "Give the GitHub user."],
  [field("Your name"), "name", "is required", "Give your name."],
  [field("A host"), "host", "is required", "Give a host."],
  [field("X"), "x", "is required", "Give the x."],
  [field(undefined), "api_token", "is required", "Give the api_token."],
  [undefined, "host", "is required", "Give the host."],
  [field("Who are you?"), "who", "is required", "Give an answer to “Who are you?”."],
  [field("Switch", "boolean"), "go", "is required", "Choose yes or no for “Switch”."],
  [{ type: "choice", options: ["a"], title: "Mode" }, "m", "is required", "Choose one for “Mode”."],
  [field("times"), "times", "must be at most 5", "Times must be at most 5."],
  [field("Host"), "host", "must match ^[a-z.]+$", "Host must match ^[a-z.]+$"],
  [field("Sure?"), "sure", "must be true or false", "“Sure?” must be true or false."],
  [undefined, "hst", "is not asked for; known are a", "Hst is not asked for; known are a."],
  [
    { type: "ssh", title: "Machine" },
    "m",
    'the option "-L" is not allowed here',
    '“Machine”: the option "-L" is not allowed here.',
  ],
])("%j (%s) that %s", (given, name, message, sentence) => {
  expect(fieldSentence(given, name, message)).toBe(sentence);
});
