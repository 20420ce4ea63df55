/** What the schema of commands makes of an answer, in the form it has and in the one it had, and of what is neither. */
import { describe, expect, it, test } from "vitest";
import { Command } from "../../../shared/schema/command.js";
import { issueWords } from "../../../shared/schema/issueWords.js";

const GIVEN = { workflow_id: "deploy", answer: { go: true, n: 3, why: "" }, question: "q1" };

describe("an answer in its former form", () => {
  test.each([
    ["everything that it may say", { ...GIVEN, by: "ada" }],
    ["no workflow and no question", { answer: { go: true } }],
    ["no value", { answer: {} }],
  ])("a resume with an answer in it is that answer, with %s", (_how, given) => {
    const now = Command.parse({ kind: "answer", ...given });
    expect(now).toEqual({ kind: "answer", ...given });
    expect(Command.parse({ kind: "resume", ...given })).toEqual(now);
  });

  it("a resume with an answer in it is refused beside a step that is marked as done", () => {
    expect(refusalOf({ kind: "resume", answer: {}, done: 1 })).toEqual([
      ["done", "is said of an interrupted workflow, an answer is given to a blocked one"],
    ]);
  });
});

it("a resume without an answer stays a resume", () => {
  for (const given of [{}, { workflow_id: "deploy", done: 1, by: "ada" }, { question: "q1" }])
    expect(Command.parse({ kind: "resume", ...given })).toEqual({ kind: "resume", ...given });
});

describe("an answer that cannot be one", () => {
  test.each([
    ["answer", "must be an object", { answer: null }],
    ["answer", "must be an object", { answer: "yes" }],
    ["answer", "must be an object", { answer: [] }],
    ["answer.go", "must be text, a number, true or false", { answer: { go: null } }],
    ["answer", "must have at most 100 entries", { answer: entries(101) }],
    ["question", "must not be empty", { answer: {}, question: "" }],
    ["question", "must have at most 64 characters", { answer: {}, question: "q".repeat(65) }],
    ["by", "must be text", { answer: {}, by: 7 }],
    ["workflow_id", expect.any(String), { answer: {}, workflow_id: "../x" }],
    ["", expect.stringContaining("aswer"), { answer: {}, aswer: {} }],
  ])("is refused in both forms because %s %s: %j", (path, message, given) => {
    for (const kind of ["answer", "resume"])
      expect([kind, refusalOf({ kind, ...given })]).toEqual([kind, [[path, message]]]);
  });

  it("an answer without values is told that they are required, and knows no step that is done", () => {
    expect(refusalOf({ kind: "answer" })).toEqual([["answer", "is required"]]);
    expect(refusalOf({ kind: "answer", answer: {}, done: 1 })).toEqual([
      ["", expect.stringContaining("done")],
    ]);
  });
});

function refusalOf(given: object): [path: string, message: string][] {
  const { error } = Command.safeParse(given, { error: issueWords });
  return (error?.issues ?? []).map(({ path, message }) => [path.join("."), message]);
}

function entries(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, at]));
}
